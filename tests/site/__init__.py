"""The documentation as a site: `make docs`, or python -m tests.site [--out FOLDER]

sources     the pages that are written by hand: docs/*.md and three at the root
commands    a page for each command, from its parser
lessons     a page for each lesson, from its file, without its answers; the glossary
navigation  docs/mkdocs.yml, with the pages that are made where it has a *
player      asciinema's player of the films, from npm
built       what is looked at once zensical has made the pages: links, loads, and that nothing is lost
__main__    all of it; nothing that a page loads comes from elsewhere
theme/      the style sheet and scripts of the site
"""
