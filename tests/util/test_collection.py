from __future__ import annotations

import gc

from hatlab.util.collection import pause_collection, resume_collection


def test_collection_resumes_without_what_was_loaded() -> None:
    assert gc.isenabled()
    try:
        pause_collection()
        assert not gc.isenabled()
        resume_collection()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()


def test_resuming_what_was_not_paused_freezes_nothing() -> None:
    frozen = gc.get_freeze_count()
    resume_collection()
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen
