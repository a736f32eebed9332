"""Who may use which route, written down from the contract (§4.1, §4.2) and from nothing else: the table that the service is held against.

Managers (owner, superusers, tokens of the company) may use every route of their company. The columns are collaborators: a publisher's
and a buyer's with what is allowed unless told otherwise, the same with everything allowed, and one who acts as nobody.
"""

YES, NO, GONE = "yes", "no", "gone"
"""It is done; 403; 404, as there is no such thing for them."""

COLUMNS = ("publisher", "publisher with everything", "buyer", "buyer with everything", "acts as nobody")

MANAGERS_ONLY = (NO, NO, NO, NO, NO)
ALL = (YES, YES, YES, YES, YES)
PUBLISHERS_OWN = (YES, YES, GONE, GONE, GONE)
BUYERS_OWN = (GONE, GONE, YES, YES, GONE)
WITH_KEYS = (NO, YES, NO, NO, NO)
WITH_SUBJECT = (YES, YES, YES, YES, NO)
PUBLISHERS = (YES, YES, NO, NO, NO)

TABLE: dict[str, tuple[str, ...]] = {
    "show_company": MANAGERS_ONLY,
    "change_company": MANAGERS_ONLY,
    #
    "list_publishers": ALL,
    "create_publisher": MANAGERS_ONLY,
    "show_publisher": PUBLISHERS_OWN,
    "change_publisher": MANAGERS_ONLY,
    "remove_publisher": MANAGERS_ONLY,
    "list_campaign_grants": MANAGERS_ONLY,
    "put_campaign_grants": MANAGERS_ONLY,
    "change_campaign_grants": MANAGERS_ONLY,
    "list_number_grants": MANAGERS_ONLY,
    "put_number_grants": MANAGERS_ONLY,
    "change_number_grants": MANAGERS_ONLY,
    #
    "list_buyers": ALL,
    "create_buyer": MANAGERS_ONLY,
    "show_buyer": BUYERS_OWN,
    "change_buyer": (NO, NO, NO, YES, NO),
    "remove_buyer": MANAGERS_ONLY,
    #
    "list_campaigns": ALL,
    "create_campaign": MANAGERS_ONLY,
    "show_campaign": PUBLISHERS_OWN,
    "change_campaign": MANAGERS_ONLY,
    "remove_campaign": MANAGERS_ONLY,
    #
    "list_numbers": ALL,
    "create_number": (NO, YES, NO, NO, NO),
    "show_number": PUBLISHERS_OWN,
    "change_number": MANAGERS_ONLY,
    "remove_number": MANAGERS_ONLY,
    #
    "list_postback_keys_of_publisher": WITH_KEYS,
    "create_postback_key": WITH_KEYS,
    "list_postback_keys": WITH_KEYS,
    "show_postback_key": WITH_KEYS,
    "change_postback_key": WITH_KEYS,
    "revoke_postback_key": WITH_KEYS,
    "rotate_postback_key": WITH_KEYS,
    #
    "list_engine_keys": MANAGERS_ONLY,
    "create_engine_key": MANAGERS_ONLY,
    "show_engine_key": MANAGERS_ONLY,
    "change_engine_key": MANAGERS_ONLY,
    "revoke_engine_key": MANAGERS_ONLY,
    "rotate_engine_key": MANAGERS_ONLY,
    #
    "list_api_tokens": WITH_SUBJECT,
    "create_api_token": WITH_SUBJECT,
    "show_api_token": WITH_SUBJECT,
    "change_api_token": WITH_SUBJECT,
    "revoke_api_token": WITH_SUBJECT,
    #
    "list_audit_log": MANAGERS_ONLY,
    "list_collaborators": MANAGERS_ONLY,
    "create_collaborator": MANAGERS_ONLY,
    "show_collaborator": MANAGERS_ONLY,
    "change_collaborator": MANAGERS_ONLY,
    "remove_collaborator": MANAGERS_ONLY,
    "resend_invite": MANAGERS_ONLY,
    "withdraw_invite": MANAGERS_ONLY,
    "show_permissions": MANAGERS_ONLY,
    "change_permissions": MANAGERS_ONLY,
    "show_permissions_of_collaborator": MANAGERS_ONLY,
    "change_permissions_of_collaborator": MANAGERS_ONLY,
    "show_effective_permissions": MANAGERS_ONLY,
    "show_permissions_of_publisher": MANAGERS_ONLY,
    "change_permissions_of_publisher": MANAGERS_ONLY,
    "show_permissions_of_buyer": MANAGERS_ONLY,
    "change_permissions_of_buyer": MANAGERS_ONLY,
    "show_caller": MANAGERS_ONLY,
    "erase_caller": MANAGERS_ONLY,
    #
    "list_calls": WITH_SUBJECT,
    "show_call": WITH_SUBJECT,
    "list_postbacks": PUBLISHERS,
    "show_postback": PUBLISHERS,
    "show_report": WITH_SUBJECT,
    "show_dashboard": WITH_SUBJECT,
}
"""By handler, for each column: about what is their own, or as near to it as there is."""

ABOUT_ONESELF = {
    "list_sessions",
    "end_current_session",
    "end_session",
    "show_me",
    "change_me",
    "change_password",
    "prepare_totp",
    "switch_off_totp",
    "confirm_totp",
    "list_companies",
}
"""For everybody who is signed in, and only about themselves."""

OPEN_TO_ALL = {"begin_session", "ask_for_password_reset", "reset_password", "show_invite", "accept_invite"}
"""For people who aren't signed in yet."""
