using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Features.OAuth;

/// <summary>
/// The end of an authorization in a browser: on to the client that began it, or a page. Nothing of the request stands in it but what its
/// form has to send again.
/// </summary>
internal static class OAuthPage
{
    /// <summary>Whether a person looks at the answer.</summary>
    public static bool IsWanted(HttpContext http) =>
        http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static IResult Answer(HttpContext http, OAuthOutcome outcome)
    {
        if (outcome.ReturnTo is { } returnTo)
        {
            Protect(http, "'none'");
            return TypedResults.Redirect(QueryHelpers.AddQueryString(returnTo, new Dictionary<string, string?>
            {
                ["connector_id"] = outcome.ConnectorId.ToString(),
                ["oauth"] = outcome.Failure is null ? "authorized" : "failed",
                ["oauth_code"] = outcome.Failure?.Code ?? "ok",
            }));
        }

        // Whoever does not ask for a page gets the problem as everywhere.
        if (outcome.Failure is { } failure && !IsWanted(http))
        {
            throw failure;
        }

        Protect(http, "'none'");
        return TypedResults.Content(Html(outcome.Failure), "text/html; charset=utf-8", statusCode: StatusOf(outcome.Failure));
    }

    /// <summary>Asks whether the connector is to be let in.</summary>
    public static IResult Ask(HttpContext http, OAuthAnswer answer, OAuthQuestion question)
    {
        // Where the form's answer may send the browser counts as an action of the form.
        Protect(http, question.ReturnTo is { } returnTo ? $"'self' {new Uri(returnTo).GetLeftPart(UriPartial.Authority)}" : "'self'");
        var owner = question.OwnerAddress is { } address ? $" of <b>{Text(address)}</b>" : "";
        return TypedResults.Content(
            Page(
                "Is this your connector?",
                $"<p>The connector <b>{Text(question.Connector)}</b>{owner} is about to get the access that you have just granted. "
                + "The authorization was not begun in this browser. Go on only if you began it yourself.</p>"
                + $"<form method=\"post\">{Field("state", answer.State)}{Field("code", answer.Code)}{Field("iss", answer.Issuer)}"
                + "<button>It is mine: give it access</button></form><p>Otherwise close this page: nothing is given to anybody.</p>"),
            "text/html; charset=utf-8");
    }

    private static void Protect(HttpContext http, string formAction)
    {
        http.Response.Headers.CacheControl = "no-store";
        // The address of this page holds the code.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; base-uri 'none'; form-action {formAction}; frame-ancestors 'none'";
    }

    private static int StatusOf(PlatformException? failure) => failure switch
    {
        null => StatusCodes.Status200OK,
        NotFoundException => StatusCodes.Status404NotFound,
        ConflictException => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static string Html(PlatformException? failure) => failure is null
        ? Page("The connector is authorized", "<p>You can close this page.</p>")
        : Page("The connector is not authorized", $"<p>{Text(failure.Message)} <code>{Text(failure.Code)}</code></p>");

    private static string Page(string title, string body) =>
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1>{body}</html>";

    private static string Field(string name, string? value) =>
        value is null ? "" : $"<input type=\"hidden\" name=\"{name}\" value=\"{Text(value)}\">";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
