"""The whole REST part against its own description, with requests that nobody would write by hand (schemathesis)."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.harness.service import Service

EXAMPLES = 20
"""Requests an operation; the service is a real one, with its store, and each takes some milliseconds."""


CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def test_what_is_described_is_what_happens(module_service: Service) -> None:
    """Every operation with a center's token: known status, known content type, the described body, and never a server error."""
    base_url = module_service.base_url
    described = schemathesis.openapi.from_url(f"{base_url}/api/openapi.json")
    described.config.update(base_url=base_url)
    headers = {"Authorization": f"Bearer {module_service.token('center')}"}
    tried: list[str] = []
    operations: Any = described.get_all_operations()
    for found in operations:
        operation = found.ok()
        tried.append(operation.label)

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            case.call_and_validate(headers=headers, timeout=60, checks=CHECKS)

        check()
    assert len(tried) > 5
