"""Somebody who calls the fake ATS/STARS over HTTP."""

import json
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fakes.ats import Actor, Ats, create_app
from tests.fakes.ats.builders import OFFICE

TOKENS: Mapping[str, str | Actor] = {"office-token": OFFICE, "school-token": "school secretary"}


class Caller:
    """Somebody with a token."""

    def __init__(
        self, ats: Ats, token: str | None = "office-token", tokens: Mapping[str, str | Actor] = TOKENS
    ) -> None:
        application = create_app(ats, tokens)
        application.testing = True  # a defect raises here instead of turning into a 500
        self.client: FlaskClient = application.test_client()
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def __call__(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        return self.client.open(path, method=method, json=body, headers={**self.headers, **(headers or {})})

    def read(self, path: str) -> Any:
        """GET a path and give its JSON."""
        return json.loads(self("GET", path).data)

    def send_lines(self, path: str, *lines: str) -> Any:
        """POST lines and give the JSON that is answered."""
        body = "\n".join(lines)
        answer = self.client.post(path, data=body, content_type="application/x-ndjson", headers=self.headers)
        return json.loads(answer.data)
