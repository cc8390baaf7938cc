"""`{% front_page as now %}`: the figures of the administration's front page."""

from __future__ import annotations

from django import template

from chatportal.front_page import FrontPage
from chatportal.front_page import front_page as figures

register = template.Library()


@register.simple_tag
def front_page() -> FrontPage:
    return figures()
