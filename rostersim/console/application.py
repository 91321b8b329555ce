"""The console's routes, beside the control API on the same server.

Reading is as free as it is for the control API. What changes something is a request with the token in its header,
which htmx sends and no other page can: the same check, the same refusals, as a line that the page shows.
"""

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from flask import Flask, Response, redirect, render_template, request, send_file, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response as AnyResponse

from fakes.shared.refusals import NotFound, Refusal, Unprocessable
from rostersim.console import panels
from rostersim.console.steps import Form, form_of, step_of
from rostersim.console.tickets import Ticket, Tickets
from rostersim.console.words import FILTERS
from rostersim.served.house import House
from rostersim.served.records import SPEED_MAX
from rostersim.served.served import ServedWorld
from rostersim.served.wire import Actor, own_room, who_asks

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

T = TypeVar("T")
PREFIX = "/console"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MOVED = "world-moved"
"""The event on which a page's panels are read anew."""


def with_console(control: "WSGIApplication", house: House, host: str) -> "WSGIApplication":
    """Serve the console besides the control API, under :data:`PREFIX`.

    Args:
        control: the control API.
        house: with the worlds.
        host: where the server listens.
    """
    return DispatcherMiddleware(control, {PREFIX: console_application(house, host)})


def console_application(house: House, host: str) -> Flask:
    """Make the application that serves the console; see :func:`with_console`."""
    application = Flask(__name__)
    application.jinja_options = {"autoescape": True}  # Flask escapes by a file's name, and no name is markup
    console = _Console(house, host)
    looks: tuple[tuple[str, Callable[..., AnyResponse | str]], ...] = (
        ("/", console.first),
        ("/<world>", console.page),
        ("/<world>/clock", console.clock),
        ("/<world>/sight", console.sight),
        ("/<world>/panel", console.panel),
        ("/<world>/form", console.form),
        ("/<world>/names", console.names),
        ("/<world>/wire/<number>", console.exchange),
        ("/<world>/record.scenario.yaml", console.story),
        ("/script/htmx.js", console.htmx),
    )
    deeds: tuple[tuple[str, Callable[..., Response]], ...] = (
        ("/tickets", console.ticket),
        ("/enter", console.enter),
        ("/<world>/clock/<deed>", console.turn_clock),
        ("/<world>/do", console.do),
        ("/<world>/snapshots", console.snapshot),
        ("/<world>/record/<deed>", console.record),
    )
    for rule, view in looks:
        application.add_url_rule(rule, view.__name__, view)
    for rule, deed in deeds:
        application.add_url_rule(rule, deed.__name__, deed, methods=["POST"])
    application.register_error_handler(Refusal, _refused)
    application.after_request(_guard)
    application.jinja_env.filters.update(FILTERS)
    return application


class _Console:
    """What the routes do.

    Args:
        house: with the worlds.
        host: where the server listens.
    """

    def __init__(self, house: House, host: str) -> None:
        self._house = house
        self._who = partial(who_asks, house, host)
        self._tickets = Tickets()

    # ------------------------------------------------------------ pages and parts of them

    def first(self) -> AnyResponse:
        self._who()
        return redirect(url_for("page", world=next(iter(sorted(self._house.rooms)), "main")))

    def page(self, world: str) -> str:
        return render_template("page.jinja", **self._known(world), **self._panel(world), **self._sight(world))

    def clock(self, world: str) -> Response:
        known = self._known(world)
        answer = Response(render_template("clock.jinja", **known))
        if request.args.get("seen", known["stamp"]) != known["stamp"]:
            answer.headers["HX-Trigger"] = MOVED
        return answer

    def sight(self, world: str) -> str:
        return render_template("sight.jinja", **self._known(world), **self._sight(world))

    def panel(self, world: str) -> str:
        return render_template("panel.jinja", **self._known(world), **self._panel(world))

    def form(self, world: str) -> str:
        form = form_of(request.args.get("verb", ""))
        return render_template("form.jinja", **self._known(world), form=form)

    def names(self, world: str) -> str:
        like = next(iter(request.args.values()), "")
        found = self._look(world, lambda served: panels.names(served, like))
        return render_template("names.jinja", found=found)

    def exchange(self, world: str, number: str) -> str:
        found = self._look(world, lambda served: panels.exchange(served, number))
        return render_template("exchange.jinja", **self._known(world), exchange=found)

    def story(self, world: str) -> Response:
        recorded = self._look(world, ServedWorld.recorded)
        return Response(recorded.scenario, mimetype="application/yaml")

    def htmx(self) -> Response:
        return send_file(_htmx(), mimetype="text/javascript", max_age=86_400)

    # ------------------------------------------------------------ deeds

    def ticket(self) -> Response:
        actor = self._who()
        if not actor.may_change:
            raise Unprocessable("a ticket is for whoever has the token")
        ticket = self._tickets.issue(request.headers["Authorization"].partition(" ")[2].strip())
        return Response(msgspec.json.encode(Ticket(ticket)), mimetype="application/json")

    def enter(self) -> Response:
        token = self._tickets.redeem(request.form.get("ticket", ""))
        return Response(msgspec.json.encode({"token": token}), mimetype="application/json")

    def turn_clock(self, world: str, deed: str) -> Response:
        to, speed = request.form.get("to", ""), request.form.get("speed", "")
        deeds: Mapping[str, Callable[[ServedWorld], object]] = {
            "advance": lambda served: served.advance(to),
            "rewind": lambda served: served.rewind(to),
            "run": lambda served: served.run(_speed(speed)),
            "pause": ServedWorld.pause,
            "sync": ServedWorld.sync,
        }
        if deed not in deeds:
            raise NotFound(f"the clock cannot {deed!r}")
        self._change(world, deeds[deed], waits=deed != "pause")
        return _done()

    def do(self, world: str) -> Response:
        step = step_of(form_of(request.form.get("verb", "")), request.form)
        done = self._change(world, lambda served: served.steps(step))
        return _done(render_template("done.jinja", done=done), good=all(one.accepted for one in done))

    def snapshot(self, world: str) -> Response:
        name, restores = request.form.get("name", ""), request.form.get("deed") == "restore"
        self._change(world, lambda served: served.restore(name) if restores else served.save(name))
        return _done(f"brought back to {name}" if restores else f"snapshot {name} taken")

    def record(self, world: str, deed: str) -> Response:
        words = request.form.get("words", "")
        recorded = self._change(world, panels.recording_deed(deed, words))
        return _done(recorded.message or f"the recording: {deed}", good=recorded.holds is not False)

    # ------------------------------------------------------------ inside

    def _look(self, world: str, do: Callable[[ServedWorld], T]) -> T:
        self._require_reader(world)
        room = self._house.room(world)
        return self._house.ask(lambda: do(room.world))

    def _change(self, world: str, do: Callable[[ServedWorld], T], *, waits: bool = True) -> T:
        room = own_room(self._house, self._who(), world)
        return self._house.ask(lambda: do(room.world), changes=waits)

    def _require_reader(self, world: str) -> None:
        actor: Actor = self._who()
        if actor.world not in (None, world):
            raise NotFound(f"there is no world {world!r} for this token")

    def _known(self, world: str) -> dict[str, object]:
        self._require_reader(world)
        status = self._house.status(world)
        clock = status.clock
        return {
            "world": world,
            "worlds": sorted(self._house.rooms),
            "status": status,
            "clock_now": clock,
            "stamp": f"{clock.now} {clock.status} {clock.nights} {clock.last_run}",
            "asked": {key: request.args.get(key, "") for key in ("person", "class", "school", "tab", "requests")},
        }

    def _sight(self, world: str) -> dict[str, object]:
        asked = panels.Asked.of(request.args)
        return self._look(world, lambda served: panels.sight(served, self._house.status(world), asked))

    def _panel(self, world: str) -> dict[str, object]:
        tab = request.args.get("tab", "") or "timeline"
        read = panels.panel(tab)
        asked = panels.Asked.of(request.args)
        self._require_reader(world)
        room = self._house.room(world)
        # The plan runs the sync on a copy, which no other sync may run beside.
        found = self._house.ask(lambda: read(room.world, asked), changes=tab == "tonight")
        return {"tab": tab, "tabs": panels.TABS, "found": found, "form": Form.none()}


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        raise Unprocessable(f"the speed {text!r} is no number: simulated seconds in a real one, as 60") from None
    if not 0 < speed <= SPEED_MAX:
        raise Unprocessable(f"the speed {text} is not between 0 and {SPEED_MAX:g}")
    return speed


def _done(words: str = "", *, good: bool = True) -> Response:
    """Answer a deed: a line for the page, and the word that the world has moved."""
    answer = Response(render_template("notice.jinja", words=words, good=good) if words else "")
    answer.headers["HX-Trigger"] = MOVED
    return answer


def _refused(refusal: Refusal) -> Response:
    """Say in the page's own notice why something was not done; a page that cannot be shown is only that line."""
    answer = Response(render_template("notice.jinja", words=refusal.message, good=False), status=refusal.status)
    answer.headers["HX-Retarget"] = "#notice"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _guard(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    if not request.path.startswith(("/static/", "/script/")):
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _htmx() -> Path:
    """Find htmx where its package lies; the package itself is Django's, and is not imported."""
    found = importlib.util.find_spec("js_lib_htmx")
    folders = (found.submodule_search_locations if found else None) or ()
    return Path(next(iter(folders))) / "static" / "htmx" / "htmx.min.js"
