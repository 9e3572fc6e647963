"""The command line, the server and a notebook give the same findings for the same study."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from gis.cli import commands
from gis.settings import Settings
from gis.web import create_app
from gis.workflows import judge, read_study


@pytest.mark.parametrize("which", ["sample_study", pytest.param("nandurbar_study", marks=pytest.mark.long)])
def test_command_server_and_notebook_agree_on_every_finding(which, request, tmp_path):
    path = request.getfixturevalue(which)
    here = judge(read_study(path))

    result = CliRunner().invoke(commands, ["evaluate", str(path), "--out", str(tmp_path), "--json"], obj={})
    assert result.exit_code == 0, result.output
    by_command = pd.read_csv(tmp_path / "findings.csv", dtype={"village_id": str}, keep_default_na=False)
    assert json.loads(result.output)["run"] == here.run.id

    app = create_app(Settings(studies=tmp_path), open_review=lambda *_: judge(read_study(path)))
    (tmp_path / "it.yaml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert app.extensions["shelf"].look("it", wait_s=60).state == "ready"
    answer = app.test_client().get("/studies/it.json", headers={"Host": "127.0.0.1:8000"})
    by_server = answer.get_json()

    keys = list(zip(here.findings["village_id"], here.findings["criterion"], strict=True))
    statuses = here.findings["status"].tolist()
    assert list(zip(by_command["village_id"], by_command["criterion"], strict=True)) == keys
    assert by_command["status"].tolist() == statuses
    values = pd.to_numeric(by_command["value"], errors="coerce")
    pd.testing.assert_series_equal(values, here.findings["value"], check_names=False)
    columns = by_server["findings"]["columns"]
    served = pd.DataFrame(by_server["findings"]["rows"], columns=columns)
    assert list(zip(served["village_id"], served["criterion"], strict=True)) == keys
    assert served["status"].tolist() == statuses
    assert by_server["run"]["id"] == here.run.id
    assert by_server["headline"]["met"] == here.headline["met"]
