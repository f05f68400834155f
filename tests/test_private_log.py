"""Whatever goes through the desk, its log and the command lines of its processes tell no values."""

from pathlib import Path

import httpx

from tests.running import Program, RunningDesk

CANARY = "canary-7f3a"


def test_no_value_that_goes_through_the_desk_is_in_its_log(
    running: RunningDesk, program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    row = f"{CANARY}-id,{CANARY}-name,{CANARY}@example.org,{CANARY},CH,yes,7,{CANARY}-note\n"
    good = f"1,{CANARY}-name,{CANARY}@example.org,2001-01-01,CH,yes,7,{CANARY}-note\n"
    file.write_text("id,name,email,birthday,country,newsletter,score,note\n" + row + good)
    job = program.wait(program.submit("import_contacts", file))
    assert (job["rows"]["done"], job["rows"]["rejected"]) == (1, 1)
    program.wait(program.submit("clean_csv", file))
    program.try_submit("load_table", file, table=f"{CANARY} is no name", password=CANARY)
    program.try_submit(CANARY)
    for name, password in ((CANARY, "seven small boats"), ("robot", f"{CANARY} password")):
        httpx.post(f"{running.url}/sign-in", data={"name": name, "password": password}, headers={"Origin": running.url})
    httpx.get(f"{running.url}/jobs?q={CANARY}", headers={"Cookie": f"batchdesk={CANARY}", "Referer": f"/{CANARY}"})
    httpx.get(f"{running.url}/api/v1/jobs", headers={"Authorization": f"Bearer {CANARY}"})
    httpx.get(f"{running.url}/welcome?link={CANARY}")
    asked = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    for pid in (str(running.pid), *asked):
        assert CANARY not in Path(f"/proc/{pid}/cmdline").read_text()
    assert running.stop() == 0
    lines = [line for line in running.log().splitlines() if CANARY in line]
    assert lines == []
    assert '"path":"/sign-in"' in running.log().replace(" ", ""), "there was something to find it in"
