from __future__ import annotations

import csv
from io import StringIO

from firedoor.render.findings_csv import findings_csv
from tests.render.findings_reports import EMPTY, REPORT


def test_a_row_for_each_finding_that_no_spreadsheet_runs() -> None:
    table = list(csv.DictReader(StringIO(findings_csv(REPORT))))
    assert [row["severity"] for row in table] == ["critical", "high", "high", "info"]
    assert table[1] == {
        "check": "pod-open",
        "severity": "high",
        "confidence": "medium",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "source": "k8s/web app.yaml:7",
        "message": "web is open",
        "why": "anybody may come",
        "evidence": "k8s/web app.yaml:7: a pod",
        "fix": "close it",
        "mappings": "",
    }
    assert table[0]["message"].startswith("'=1+1 </script>")
    assert "\x1b" not in findings_csv(REPORT)


def test_nothing_found_is_a_line_of_titles() -> None:
    titles = "check,severity,confidence,kind,namespace,name,source,message,why,evidence,fix,mappings"
    assert findings_csv(EMPTY) == f"{titles}\n"
