"""A county set up from an empty system over HTTP alone: what an administrator and the member affairs committee do on the first day."""

import datetime

from api import Client, fail, login, several

PASSWORD = "Paddies-And-Harbours-26"


class County:
    def __init__(self, server, members=10, ports=None):
        self.server = server
        self.ports = ports or [server.port]
        self.year = datetime.date.today().year
        made = server.command("create-admin", "--jurisdiction", "330327", "--name", "苍南县", stdin=PASSWORD + "\n")
        if made.returncode != 0:
            fail(f"create-admin: {made.stderr}")
        self.admin = login(self.ports, "admin", PASSWORD)
        bodies = {body["kind"]: body["id"] for body in self.admin.all("/v1/organizations")}
        self.office_id = bodies["general_office"]
        self.affairs = self.account("member-affairs", [{"role": "member_affairs", "organization_id": bodies["member_affairs_committee"]}])
        self.office = self.account("office", [{"role": "office", "organization_id": self.office_id}])
        start, end = f"{self.year - 1}-01-01", f"{self.year + 3}-12-31"
        term = self.affairs.make("/v1/terms", {"name": "十届", "starts_on": start, "ends_on": end})
        self.sector = self.affairs.make("/v1/sectors", {"name": "教育界", "from": start})
        self.committee_body = self.affairs.make("/v1/organizations", {"kind": "special_committee", "name": "教科卫体委", "from": start})
        self.affairs.make(
            "/v1/sector-correspondences",
            {"sector_id": self.sector["id"], "organization_id": self.committee_body["id"], "from": start},
        )
        self.committee = self.account("committee", [{"role": "committee", "organization_id": self.committee_body["id"]}])

        def member(number):
            person = self.affairs.make("/v1/persons", {"name": f"委员{number:03}"})
            post = {"person_id": person["id"], "kind": "member", "term_id": term["id"], "sector_id": self.sector["id"], "from": start}
            self.affairs.make("/v1/posts", post)
            client = self.account(f"member-{number}", [{"role": "member"}], person["id"])
            client.person = person["id"]
            return client

        self.members = several(8, member, range(1, members + 1))

    def account(self, name, roles, person=None):
        """A new account, its one-time password changed, logged in."""
        body = {"name": name, "roles": roles, **({"person_id": person} if person else {})}
        made = self.admin.make("/v1/accounts", body)
        first = login(self.ports, name, made["one_time_password"])
        first.must(204, "PUT", "/v1/auth/password", {"current_password": made["one_time_password"], "new_password": PASSWORD})
        return login(self.ports, name, PASSWORD)

    def again(self, client_name):
        """The same account, logged in anew: tokens live for a quarter of an hour."""
        return login(self.ports, client_name, PASSWORD)


__all__ = ["County", "Client", "PASSWORD"]
