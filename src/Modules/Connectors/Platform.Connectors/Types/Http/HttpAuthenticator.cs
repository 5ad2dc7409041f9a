using System.Text;
using Platform.Connectors.Types.Http.OAuth;

namespace Platform.Connectors.Types.Http;

/// <summary>The headers of a request to a source: the configured ones, and those that prove who asks.</summary>
internal sealed class HttpAuthenticator(HttpTokens tokens, IOAuthGrants grants)
{
    public async Task<Dictionary<string, string>> HeadersAsync(
        ConnectorSettings settings, HttpSource source, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(source.Headers, StringComparer.OrdinalIgnoreCase);
        string Secret(string name) => settings.Credentials.GetValueOrDefault(name, "");
        switch (source.Auth.Kind)
        {
            case "bearer":
                headers["Authorization"] = $"Bearer {Secret("token")}";
                break;
            case "basic":
                headers["Authorization"] = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Secret("username")}:{Secret("password")}"))}";
                break;
            case "header":
                headers[source.Auth.Header] = Secret("token");
                break;
            case "oauth2_client_credentials":
                headers["Authorization"] = $"Bearer {await tokens.GetAsync(settings, source.Auth, cancellationToken)}";
                break;
            case OAuthConfig.Kind:
                headers["Authorization"] = $"Bearer {await GrantedAsync(settings, cancellationToken)}";
                break;
        }

        return headers;
    }

    /// <summary>Forgets a token that the source no longer accepts.</summary>
    /// <returns>Whether there may be another one.</returns>
    public bool Renews(ConnectorSettings settings, HttpSource source)
    {
        switch (source.Auth.Kind)
        {
            case "oauth2_client_credentials":
                tokens.Forget(settings, source.Auth);
                return true;
            case OAuthConfig.Kind:
                grants.Forget(settings);
                return true;
            default:
                return false;
        }
    }

    private Task<string> GrantedAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        OAuthConfig.From(settings.Config) is { } config
            ? grants.GetAsync(settings, config, cancellationToken)
            : throw new SourceException(
                SourceFailure.InvalidConfig, "The auth needs an authorization_url, a token_url and a client_id.");
}
