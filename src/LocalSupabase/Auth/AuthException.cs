using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth;

/// <summary>
/// An expected failure of the auth API. Both the code and the words are contract: one official client reads the first, another
/// the second.
/// </summary>
internal sealed class AuthException(int status, string code, string message, IReadOnlyList<string>? weakPasswordReasons = null)
    : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public IReadOnlyList<string>? WeakPasswordReasons { get; } = weakPasswordReasons;

    public static AuthException Validation(string message) => new(StatusCodes.Status400BadRequest, "validation_failed", message);

    public static AuthException BadJson(string detail) =>
        new(StatusCodes.Status400BadRequest, "bad_json", $"Could not parse request body as JSON: {detail}");

    public static AuthException InvalidCredentials() =>
        new(StatusCodes.Status400BadRequest, "invalid_credentials", "Invalid login credentials");

    public static AuthException BadToken(string message) => new(StatusCodes.Status403Forbidden, "bad_jwt", message);

    public static AuthException NotAdmin(string message = "User not allowed") =>
        new(StatusCodes.Status403Forbidden, "not_admin", message);

    public static AuthException UserBanned(int status) => new(status, "user_banned", "User is banned");

    public static AuthException EmailExists() =>
        new(StatusCodes.Status422UnprocessableEntity, "email_exists", "A user with this email address has already been registered");

    public static AuthException PhoneExists() =>
        new(StatusCodes.Status422UnprocessableEntity, "phone_exists", "A user with this phone number has already been registered");

    public static AuthException UserNotFound(int status) => new(status, "user_not_found", status == StatusCodes.Status404NotFound
        ? "User not found"
        : "User from sub claim in JWT does not exist");

    public static AuthException SessionNotFound() =>
        new(StatusCodes.Status403Forbidden, "session_not_found", "Session from session_id claim in JWT does not exist");

    public static AuthException TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, "request_entity_too_large", "Request body is too large");

    public static AuthException TooManyRequests() =>
        new(StatusCodes.Status429TooManyRequests, "over_request_rate_limit", "Request rate limit reached");

    public static AuthException TooManyMails(TimeSpan? wait = null) => new(
        StatusCodes.Status429TooManyRequests, "over_email_send_rate_limit",
        wait is null ? "email rate limit exceeded" : AskAgainAfter(wait.Value));

    public static AuthException TooManyMessages(TimeSpan? wait = null) => new(
        StatusCodes.Status429TooManyRequests, "over_sms_send_rate_limit",
        wait is null ? "sms rate limit exceeded" : AskAgainAfter(wait.Value));

    public static AuthException SignupDisabled() =>
        new(StatusCodes.Status422UnprocessableEntity, "signup_disabled", "Signups not allowed for this instance");

    public static AuthException PhoneDisabled(
        string message = "Phone signups are disabled", int status = StatusCodes.Status400BadRequest) =>
        new(status, "phone_provider_disabled", message);

    public static AuthException EmailDisabled(
        string message = "Email signups are disabled", int status = StatusCodes.Status400BadRequest) =>
        new(status, "email_provider_disabled", message);

    private static string AskAgainAfter(TimeSpan wait) =>
        $"For security purposes, you can only request this after {Math.Ceiling(wait.TotalSeconds)} seconds.";
}
