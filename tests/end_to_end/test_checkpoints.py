"""Checkpoints from the command line: kept, listed, gone back to."""

import json

from engine.cli import run


def test_a_run_is_gone_back_to_from_the_command_line(tmp_path, capsys):
    words = ["train", "mlp-moons", "--epochs", "4", "--runs", str(tmp_path), "--keep-every", "2", "--json"]
    assert run(words) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[-1])["run"]
    assert run(["checkpoints", first, "--runs", str(tmp_path), "--json"]) == 0
    known = {k["checkpoint"]: k for k in json.loads(capsys.readouterr().out)}
    assert known["epoch-0002"]["epoch"] == 2
    assert run(["checkpoints", first, "--runs", str(tmp_path)]) == 0
    assert f"{first}@epoch-0002" in capsys.readouterr().out
    assert run([*words, "--resume", f"{first}@epoch-0002"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["epoch"] for event in told if event["event"] == "epoch"] == [3, 4]
    assert run([*words, "--resume", f"{first}@nowhere"]) == 1
    assert "There is no checkpoint nowhere" in json.loads(capsys.readouterr().out.splitlines()[-1])["message"]
