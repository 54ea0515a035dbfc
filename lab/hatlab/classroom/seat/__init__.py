"""A student's server: one terminal in which hatlab runs, and the page that shows it."""
