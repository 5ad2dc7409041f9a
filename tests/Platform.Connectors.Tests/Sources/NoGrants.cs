using Platform.Connectors.Types;
using Platform.Connectors.Types.Http.OAuth;

namespace Platform.Connectors.Tests.Sources;

/// <summary>Where nobody has authorized anything.</summary>
internal sealed class NoGrants : IOAuthGrants
{
    public Task<string> GetAsync(ConnectorSettings settings, OAuthConfig config, CancellationToken cancellationToken) =>
        throw new SourceException(SourceFailure.AuthorizationRequired, "Nobody has authorized the connector yet.");

    public void Forget(ConnectorSettings settings)
    {
    }
}
