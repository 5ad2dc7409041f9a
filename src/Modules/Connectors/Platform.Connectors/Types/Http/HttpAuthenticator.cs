using System.Text;

namespace Platform.Connectors.Types.Http;

/// <summary>The headers of a request to a source: the configured ones, and those that prove who asks.</summary>
internal sealed class HttpAuthenticator(HttpTokens tokens)
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
        }

        return headers;
    }

    /// <summary>Forgets a token that the source no longer accepts.</summary>
    /// <returns>Whether there may be another one.</returns>
    public bool Renews(ConnectorSettings settings, HttpSource source)
    {
        if (source.Auth.Kind != "oauth2_client_credentials")
        {
            return false;
        }

        tokens.Forget(settings, source.Auth);
        return true;
    }
}
