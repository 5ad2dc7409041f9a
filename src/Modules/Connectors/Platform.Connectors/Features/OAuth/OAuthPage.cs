using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Features.OAuth;

/// <summary>
/// The end of an authorization in a browser: on to the client that began it, or a page. Nothing of the request stands in it.
/// </summary>
internal static class OAuthPage
{
    public static IResult Answer(HttpContext http, OAuthOutcome outcome)
    {
        http.Response.Headers.CacheControl = "no-store";
        // The address of this page holds the code.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (outcome.ReturnTo is { } returnTo)
        {
            return TypedResults.Redirect(QueryHelpers.AddQueryString(returnTo, new Dictionary<string, string?>
            {
                ["connector_id"] = outcome.ConnectorId.ToString(),
                ["oauth"] = outcome.Failure is null ? "authorized" : "failed",
                ["oauth_code"] = outcome.Failure?.Code ?? "ok",
            }));
        }

        // Whoever does not ask for a page gets the problem as everywhere.
        var wantsPage = http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        if (outcome.Failure is { } failure && !wantsPage)
        {
            throw failure;
        }

        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return TypedResults.Content(Html(outcome.Failure), "text/html; charset=utf-8", statusCode: StatusOf(outcome.Failure));
    }

    private static int StatusOf(PlatformException? failure) => failure switch
    {
        null => StatusCodes.Status200OK,
        NotFoundException => StatusCodes.Status404NotFound,
        ConflictException => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static string Html(PlatformException? failure)
    {
        var (title, text) = failure is null
            ? ("The connector is authorized", "You can close this page.")
            : ("The connector is not authorized",
                $"{WebUtility.HtmlEncode(failure.Message)} <code>{WebUtility.HtmlEncode(failure.Code)}</code>");
        return $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>";
    }
}
