"""Words for the page of the audit log."""

from django import template

from pingyi_grid.verbs import word_for

register = template.Library()
register.filter("word", word_for)
