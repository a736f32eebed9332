"""Every route of the admin API: what is asked, who answers, and what the asker must be allowed to do."""

from admin.errors import (
    AfidTaken,
    AlreadyAccepted,
    ApiTokenInUse,
    CampaignInUse,
    CodeNeeded,
    CollaboratorExists,
    FieldHidden,
    InviteNotFound,
    InviteOver,
    LastOwner,
    NumberCapReached,
    NumberTaken,
    PasswordResetNotFound,
    PostbackKeyTaken,
    SignedInAsAnother,
    SignInFailed,
    SignInFirst,
    TooManyTries,
    TotpOff,
    TotpOn,
)
from admin.handlers import (
    api_tokens,
    audit_log,
    buyers,
    callers,
    calls,
    campaigns,
    collaborators,
    companies,
    dashboard,
    engine_keys,
    grants,
    invites,
    numbers,
    password_resets,
    people,
    permissions,
    postback_keys,
    postback_log,
    publishers,
    reports,
    sessions,
)
from admin.route import Route
from shared.errors import InvalidField

INVITE = "/v1/invites/{token}"
PASSWORD_RESETS = "/v1/password-resets"  # noqa: S105 - an address
COMPANY = "/v1/companies/{company_id}"
PUBLISHERS = COMPANY + "/publishers"
PUBLISHER = PUBLISHERS + "/{publisher_id}"
BUYERS = COMPANY + "/buyers"
BUYER = BUYERS + "/{buyer_id}"
CAMPAIGNS = COMPANY + "/campaigns"
CAMPAIGN = CAMPAIGNS + "/{campaign_id}"
NUMBERS = COMPANY + "/numbers"
NUMBER = NUMBERS + "/{number_id}"
POSTBACK_KEYS = COMPANY + "/postback-keys"
POSTBACK_KEY = POSTBACK_KEYS + "/{postback_key_id}"
ENGINE_KEYS = COMPANY + "/engine-keys"
ENGINE_KEY = ENGINE_KEYS + "/{engine_key_id}"
API_TOKENS = COMPANY + "/api-tokens"
API_TOKEN = API_TOKENS + "/{api_token_id}"
COLLABORATORS = COMPANY + "/collaborators"
COLLABORATOR = COLLABORATORS + "/{collaborator_id}"
PERMISSIONS = "/permissions"
CALLER = COMPANY + "/callers/{number}"
CALLS = COMPANY + "/calls"
DASHBOARD = COMPANY + "/dashboard"
REPORTS = COMPANY + "/reports"
POSTBACK_LOG = COMPANY + "/postback-log"

ROUTES = (
    Route("POST", "/v1/sessions", sessions.begin_session, None, status=201, errors=(SignInFailed, CodeNeeded, TooManyTries)),
    Route("GET", "/v1/sessions", sessions.list_sessions, "see_self"),
    Route("DELETE", "/v1/sessions/current", sessions.end_current_session, "see_self"),
    Route("DELETE", "/v1/sessions/{session_id}", sessions.end_session, "see_self"),
    Route("POST", PASSWORD_RESETS, password_resets.ask_for_password_reset, None, status=202, errors=(TooManyTries,)),
    Route(
        "POST",
        PASSWORD_RESETS + "/{token}",
        password_resets.reset_password,
        None,
        errors=(PasswordResetNotFound, TooManyTries),
    ),
    Route("GET", "/v1/me", people.show_me, "see_self"),
    Route("PATCH", "/v1/me", people.change_me, "see_self"),
    Route("POST", "/v1/me/password", people.change_password, "see_self", errors=(TooManyTries,)),
    Route("POST", "/v1/me/totp", people.prepare_totp, "see_self", errors=(TotpOn, TooManyTries)),
    Route("DELETE", "/v1/me/totp", people.switch_off_totp, "see_self", errors=(TotpOff, TooManyTries)),
    Route("POST", "/v1/me/totp/confirm", people.confirm_totp, "see_self", errors=(TotpOn, TotpOff, TooManyTries)),
    #
    Route("GET", INVITE, invites.show_invite, None, errors=(InviteNotFound, InviteOver)),
    Route(
        "POST",
        INVITE + "/accept",
        invites.accept_invite,
        None,
        status=201,
        errors=(
            InviteNotFound,
            InviteOver,
            SignedInAsAnother,
            SignInFirst,
            SignInFailed,
            CollaboratorExists,
            TooManyTries,
        ),
    ),
    #
    Route("GET", "/v1/companies", people.list_companies, "see_self"),
    Route("GET", COMPANY, companies.show_company, "see_company"),
    Route("PATCH", COMPANY, companies.change_company, "change_company"),
    #
    Route("GET", PUBLISHERS, publishers.list_publishers, "see_setup"),
    Route("POST", PUBLISHERS, publishers.create_publisher, "change_setup", location=PUBLISHERS + "/{id}", errors=(AfidTaken,)),
    Route("GET", PUBLISHER, publishers.show_publisher, "see_setup"),
    Route("PATCH", PUBLISHER, publishers.change_publisher, "change_setup", errors=(AfidTaken,)),
    Route("DELETE", PUBLISHER, publishers.remove_publisher, "change_setup"),
    Route("GET", PUBLISHER + "/campaigns", grants.list_campaign_grants, "see_grants"),
    Route("PUT", PUBLISHER + "/campaigns", grants.put_campaign_grants, "change_grants"),
    Route("PATCH", PUBLISHER + "/campaigns", grants.change_campaign_grants, "change_grants"),
    Route("GET", PUBLISHER + "/numbers", grants.list_number_grants, "see_grants"),
    Route("PUT", PUBLISHER + "/numbers", grants.put_number_grants, "change_grants"),
    Route("PATCH", PUBLISHER + "/numbers", grants.change_number_grants, "change_grants"),
    #
    Route("GET", BUYERS, buyers.list_buyers, "see_setup"),
    Route("POST", BUYERS, buyers.create_buyer, "change_setup", location=BUYERS + "/{id}"),
    Route("GET", BUYER, buyers.show_buyer, "see_setup"),
    Route("PATCH", BUYER, buyers.change_buyer, "edit_buyers"),
    Route("DELETE", BUYER, buyers.remove_buyer, "change_setup"),
    #
    Route("GET", CAMPAIGNS, campaigns.list_campaigns, "see_setup"),
    Route("POST", CAMPAIGNS, campaigns.create_campaign, "change_setup", location=CAMPAIGNS + "/{id}"),
    Route("GET", CAMPAIGN, campaigns.show_campaign, "see_setup"),
    Route("PATCH", CAMPAIGN, campaigns.change_campaign, "change_setup"),
    Route("DELETE", CAMPAIGN, campaigns.remove_campaign, "change_setup", errors=(CampaignInUse,)),
    #
    Route("GET", NUMBERS, numbers.list_numbers, "see_setup"),
    Route(
        "POST",
        NUMBERS,
        numbers.create_number,
        "create_numbers",
        location=NUMBERS + "/{id}",
        errors=(NumberTaken, NumberCapReached),
    ),
    Route("GET", NUMBER, numbers.show_number, "see_setup"),
    Route("PATCH", NUMBER, numbers.change_number, "change_setup"),
    Route("DELETE", NUMBER, numbers.remove_number, "change_setup"),
    #
    Route("GET", PUBLISHER + "/postback-keys", postback_keys.list_postback_keys_of_publisher, "use_postback_keys"),
    Route(
        "POST",
        PUBLISHER + "/postback-keys",
        postback_keys.create_postback_key,
        "use_postback_keys",
        location=POSTBACK_KEYS + "/{id}",
        errors=(PostbackKeyTaken,),
    ),
    Route("GET", POSTBACK_KEYS, postback_keys.list_postback_keys, "use_postback_keys"),
    Route("GET", POSTBACK_KEY, postback_keys.show_postback_key, "use_postback_keys"),
    Route("PATCH", POSTBACK_KEY, postback_keys.change_postback_key, "use_postback_keys"),
    Route("DELETE", POSTBACK_KEY, postback_keys.revoke_postback_key, "use_postback_keys"),
    Route("POST", POSTBACK_KEY + "/rotate", postback_keys.rotate_postback_key, "use_postback_keys"),
    #
    Route("GET", ENGINE_KEYS, engine_keys.list_engine_keys, "see_engine_keys"),
    Route("POST", ENGINE_KEYS, engine_keys.create_engine_key, "change_engine_keys", location=ENGINE_KEYS + "/{id}"),
    Route("GET", ENGINE_KEY, engine_keys.show_engine_key, "see_engine_keys"),
    Route("PATCH", ENGINE_KEY, engine_keys.change_engine_key, "change_engine_keys"),
    Route("DELETE", ENGINE_KEY, engine_keys.revoke_engine_key, "change_engine_keys"),
    Route("POST", ENGINE_KEY + "/rotate", engine_keys.rotate_engine_key, "change_engine_keys"),
    #
    Route("GET", API_TOKENS, api_tokens.list_api_tokens, "use_api_tokens"),
    Route("POST", API_TOKENS, api_tokens.create_api_token, "use_api_tokens", location=API_TOKENS + "/{id}"),
    Route("GET", API_TOKEN, api_tokens.show_api_token, "use_api_tokens"),
    Route("PATCH", API_TOKEN, api_tokens.change_api_token, "use_api_tokens"),
    Route("DELETE", API_TOKEN, api_tokens.revoke_api_token, "use_api_tokens", errors=(ApiTokenInUse,)),
    #
    Route("GET", COMPANY + "/audit-log", audit_log.list_audit_log, "see_audit_log"),
    #
    Route("GET", COLLABORATORS, collaborators.list_collaborators, "see_collaborators"),
    Route(
        "POST",
        COLLABORATORS,
        collaborators.create_collaborator,
        "change_collaborators",
        location=COLLABORATORS + "/{id}",
        errors=(CollaboratorExists,),
    ),
    Route("GET", COLLABORATOR, collaborators.show_collaborator, "see_collaborators"),
    Route("PATCH", COLLABORATOR, collaborators.change_collaborator, "change_collaborators", errors=(LastOwner,)),
    Route("DELETE", COLLABORATOR, collaborators.remove_collaborator, "change_collaborators", errors=(LastOwner,)),
    Route("POST", COLLABORATOR + "/invite", collaborators.resend_invite, "change_collaborators", errors=(AlreadyAccepted,)),
    Route("DELETE", COLLABORATOR + "/invite", collaborators.withdraw_invite, "change_collaborators", errors=(AlreadyAccepted,)),
    #
    Route("GET", COMPANY + PERMISSIONS, permissions.show_permissions, "see_permissions"),
    Route("PATCH", COMPANY + PERMISSIONS, permissions.change_permissions, "change_permissions"),
    Route("GET", COLLABORATOR + PERMISSIONS, permissions.show_permissions_of_collaborator, "see_permissions"),
    Route("PATCH", COLLABORATOR + PERMISSIONS, permissions.change_permissions_of_collaborator, "change_permissions"),
    Route("GET", COLLABORATOR + "/effective-permissions", permissions.show_effective_permissions, "see_permissions"),
    Route("GET", PUBLISHER + PERMISSIONS, permissions.show_permissions_of_publisher, "see_permissions"),
    Route("PATCH", PUBLISHER + PERMISSIONS, permissions.change_permissions_of_publisher, "change_permissions"),
    Route("GET", BUYER + PERMISSIONS, permissions.show_permissions_of_buyer, "see_permissions"),
    Route("PATCH", BUYER + PERMISSIONS, permissions.change_permissions_of_buyer, "change_permissions"),
    #
    Route("GET", CALLER, callers.show_caller, "see_caller_file", errors=(InvalidField,)),
    Route("DELETE", CALLER, callers.erase_caller, "erase_caller", errors=(InvalidField,)),
    #
    Route("GET", CALLS, calls.list_calls, "see_call_log", errors=(FieldHidden,)),
    Route("GET", CALLS + "/{call_uuid}", calls.show_call, "see_call_log"),
    Route("GET", REPORTS, reports.show_report, "run_reports", errors=(FieldHidden,)),
    Route("GET", DASHBOARD, dashboard.show_dashboard, "see_dashboard"),
    Route("GET", POSTBACK_LOG, postback_log.list_postbacks, "see_postback_log", errors=(FieldHidden,)),
    Route("GET", POSTBACK_LOG + "/{postback_id}", postback_log.show_postback, "see_postback_log"),
)
