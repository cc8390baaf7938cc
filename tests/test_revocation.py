"""Each way in which access ends, and that it does so within five seconds: pages, sockets, running answers."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from websockets.exceptions import ConnectionClosed

from accounts.membership import activate, deactivate, log_out_everywhere, require_new_password
from accounts.models import GroupPolicy, User
from tests.portal import Browser, Portal, answer_of, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta
from upstream.models import LanguageModel, Provider

PROMISED = 5.0  # seconds
Way = Callable[[User], None]


def _by_password(ada: User) -> None:
    ada.set_password("another correct horse")
    ada.save()


def _by_role(ada: User) -> None:
    ada.is_staff = True
    ada.save()


def _by_group(ada: User) -> None:
    ada.groups.add(Group.objects.create(name="Others"))


def _by_group_from_the_other_side(ada: User) -> None:
    Group.objects.create(name="Others").user_set.add(ada)


def _by_flag(ada: User) -> None:
    ada.is_active = False
    ada.save()


def _by_an_administrators_list(ada: User) -> None:
    deactivate(User.objects.filter(pk=ada.pk))


def _by_logging_out_everywhere(ada: User) -> None:
    log_out_everywhere(User.objects.filter(pk=ada.pk))


def _by_a_password_to_change(ada: User) -> None:
    require_new_password(User.objects.filter(pk=ada.pk))


def _by_a_second_factor(ada: User) -> None:
    group = Group.objects.create(name="Careful")
    ada.groups.add(group)
    GroupPolicy.objects.create(group=group, requires_second_factor=True)


def _by_deletion(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)


WAYS: dict[str, tuple[Way, int]] = {
    # and what the next request gets: the log-in has ended (401), one thing is to be done first (403), or it goes on,
    # looked at anew (200)
    "password": (_by_password, 401),
    "role": (_by_role, 200),
    "group": (_by_group, 200),
    "group, the other side": (_by_group_from_the_other_side, 200),
    "active flag": (_by_flag, 401),
    "many at once": (_by_an_administrators_list, 401),
    "logged out everywhere": (_by_logging_out_everywhere, 401),
    "password to change": (_by_a_password_to_change, 403),
    "second factor": (_by_a_second_factor, 403),
    "flag, past the model": (_by_deletion, 401),
}


@pytest.mark.parametrize("way", WAYS)
def test_pages_and_sockets_look_again(
    ada_at: Browser, ada: User, model: LanguageModel, way: str
) -> None:
    revoke, status = WAYS[way]
    with ada_at.socket() as socket:
        socket.until("welcome")
        assert ada_at.http.get("/").status_code == 200
        revoke(ada)
        began = time.monotonic()
        assert ada_at.http.get("/conversations/").status_code == status
        with pytest.raises(ConnectionClosed):
            while True:
                socket.next()
        assert time.monotonic() - began < PROMISED


@pytest.mark.parametrize("way", ["active flag", "many at once"])
def test_an_answer_that_runs_ends_and_keeps_what_was_written(
    ada_at: Browser, ada: User, model: LanguageModel, upstream: ScriptedUpstream, way: str
) -> None:
    upstream.will([HEAD, delta("Half an answer"), Hold()])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("Half an answer")
        WAYS[way][0](ada)
        assert settled(conversation, within=PROMISED).status in {"stopped", "interrupted"}
    assert answer_of(conversation).text == "Half an answer"


def test_an_answer_goes_on_where_the_person_stays(
    ada_at: Browser, ada: User, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    """A new password throws out whoever holds an old session; the answer is the person's."""
    Provider.objects.update(silence_seconds=60)
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold, delta(" and two"), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("One")
    _by_password(ada)
    time.sleep(PROMISED)
    hold.release()
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).text == "One and two"


def test_a_role_that_is_taken_away_closes_the_administration(
    carol: User, portal: Portal, model: LanguageModel
) -> None:
    browser = portal.opened_by(carol)
    assert browser.http.get("/admin/").status_code == 200
    carol.is_staff = False
    carol.save()
    assert browser.http.get("/admin/").status_code == 302
    assert browser.http.get("/").status_code == 200


def test_with_a_group_that_is_deleted_its_members_are_looked_at_again(ada: User, bob: User) -> None:
    group = Group.objects.create(name="Careful")
    group.user_set.add(ada)
    before = dict(User.objects.values_list("username", "access_version"))
    Group.objects.filter(pk=group.pk).delete()
    after = dict(User.objects.values_list("username", "access_version"))
    assert after == {"ada": before["ada"] + 1, "bob": before["bob"]}


def test_who_comes_back_logs_in_anew(ada_at: Browser, ada: User, model: LanguageModel) -> None:
    """A session that was ended by a deactivation does not live again."""
    deactivate(User.objects.filter(pk=ada.pk))
    assert ada_at.http.get("/").status_code == 401
    activate(User.objects.filter(pk=ada.pk))
    assert ada_at.http.get("/").status_code == 401
