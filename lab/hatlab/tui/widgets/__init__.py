"""Widgets and text that all panes and screens draw with.

theme          colours, light and dark; theme_choice has the others, contrast makes them readable
line_widget    widgets that draw lines of styled text; the base of most others
bullet_list    texts that hang behind a glyph, equations on lines of their own
prose          Markdown as lessons have it
syntax         colours for keepalived.conf and SQL
list_view      a list of rows that follows its end
filtered_pane  a pane with such a list, a title and a filter
filter_match   what a filter lets through
find_bar       a line to type words in that are to be found
find_places    where words are found
text_field     a field to type in; `:` opens the action line
safe_text      text from daemons and packets, made safe to draw
header         the first line, and the banner beneath it
notice_line    what hatlab says in passing, in a line kept for it
fitting        lines that fit, without what matters least
tabs           which pane a small screen shows
key_bar        the keys one needs
time_bar       how the lab's time goes
"""
