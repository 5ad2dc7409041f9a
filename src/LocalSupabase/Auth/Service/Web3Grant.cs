using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.Service;

/// <summary>Signing in with a wallet, which is switched off.</summary>
internal sealed class Web3Grant : IGrant
{
    public string GrantType => "web3";

    public Task<IResult> HandleAsync(HttpContext context) => throw new AuthException(
        StatusCodes.Status422UnprocessableEntity, "web3_provider_disabled", "Web3 provider is disabled");
}
