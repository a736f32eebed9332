"""What the merger knows of companies without asking: whose a dialed number is, what a campaign pays, what a buyer's call earns."""

from schemas.kept_rows import BuyerRow, CampaignRow, TrackingNumberRow


class Directory:
    """Numbers, campaigns and buyers in memory, by company; keyring_sync keeps it in step with PostgreSQL."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str], TrackingNumberRow] = {}
        self._campaigns: dict[tuple[int, int], CampaignRow] = {}
        self._buyers: dict[tuple[int, int], BuyerRow] = {}

    def put_number(self, row: TrackingNumberRow) -> None:
        """Take a new or changed number; a removed one makes room only for itself, as its number may be another row's by now."""
        place = (row.company_id, row.number)
        if not row.removed:
            self._numbers[place] = row
        elif (held := self._numbers.get(place)) and held.id == row.id:
            del self._numbers[place]

    def put_campaign(self, row: CampaignRow) -> None:
        self._campaigns[row.company_id, row.id] = row

    def put_buyer(self, row: BuyerRow) -> None:
        self._buyers[row.company_id, row.id] = row

    def find_number(self, company_id: int, number: str) -> TrackingNumberRow | None:
        return self._numbers.get((company_id, number))

    def find_campaign(self, company_id: int, campaign_id: int) -> CampaignRow | None:
        """The company's campaign, a removed one too: calls may still come in on it."""
        return self._campaigns.get((company_id, campaign_id))

    def find_buyer(self, company_id: int, buyer_id: int) -> BuyerRow | None:
        """The company's buyer, a removed one too: calls may still be with it."""
        return self._buyers.get((company_id, buyer_id))
