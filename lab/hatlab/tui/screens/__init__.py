"""The screens and dialogs, each a module: the lab, those before it (start, lesson_start), those over it."""
