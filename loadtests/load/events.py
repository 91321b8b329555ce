"""Turns what happened into events of Locust: it counts, we only tell it."""

from locust.env import Environment

from loadtests.load.happenings import Phase, Request, SyncRun


class FailedEvent(Exception):  # noqa: N818 - Locust counts failures by their words; this is nothing anybody catches
    """Why an event counts as failed."""


def fire_request(environment: Environment, request: Request) -> None:
    """Tell Locust of a request of a sync: ``Clever GET /v3.1/sections``."""
    environment.events.request.fire(
        request_type=request.system,
        name=request.name,
        response_time=request.milliseconds,
        response_length=request.bytes,
        exception=FailedEvent(request.failure) if request.failure else None,
        context={},
    )


def fire_phase(environment: Environment, phase: Phase) -> None:
    """Tell Locust of a phase: ``phase pull``."""
    environment.events.request.fire(
        request_type="phase",
        name=phase.name,
        response_time=phase.milliseconds,
        response_length=0,
        exception=None,
        context={},
    )


def fire_run(environment: Environment, run: SyncRun) -> None:
    """Tell Locust of a run and its phases: ``sync district``, ``sync school``."""
    for phase in run.phases:
        fire_phase(environment, phase)
    failure = FailedEvent(f"exit code {run.exit_code}: {run.reason}") if run.exit_code else None
    environment.events.request.fire(
        request_type="sync",
        name=run.name,
        response_time=(run.ended - run.began) * 1000,
        response_length=0,
        exception=failure,
        context={},
    )
