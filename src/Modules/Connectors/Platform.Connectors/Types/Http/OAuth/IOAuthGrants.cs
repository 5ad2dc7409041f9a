namespace Platform.Connectors.Types.Http.OAuth;

/// <summary>The access tokens of connectors that a person has authorized.</summary>
internal interface IOAuthGrants
{
    /// <summary>
    /// A token that serves now. Throws a <see cref="SourceException"/> with <see cref="SourceFailure.AuthorizationRequired"/> where
    /// somebody has to authorize the connector, and with another code where the token address does not answer.
    /// </summary>
    Task<string> GetAsync(ConnectorSettings settings, OAuthConfig config, CancellationToken cancellationToken);

    /// <summary>Tells that the source no longer accepts a token, so that the next one is another one.</summary>
    void Forget(ConnectorSettings settings);
}
