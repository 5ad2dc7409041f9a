using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Functions;

/// <summary>Asks for a token of this project. Whom it names, and whether at all, is the function's own question.</summary>
internal static class FunctionCaller
{
    /// <exception cref="FunctionsException">There is no token, or it is not valid.</exception>
    public static async Task RequireAsync(HttpRequest request, TokenVerifier verifier)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            throw new FunctionsException(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "Missing authorization header");
        }

        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : "";
        if ((await verifier.VerifyAsync(token)).Claims is null)
        {
            throw new FunctionsException(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "Invalid JWT");
        }
    }
}
