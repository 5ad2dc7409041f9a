using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>
/// Asks for the headers with which an http connector of the caller proves who asks. Throws a rule violation where the address is not at
/// the connector's own scheme, host and port: its secrets go nowhere else.
/// </summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Url">The address that is to be called.</param>
public sealed record GetHttpAuthorizationQuery(Guid ConnectorId, string Url) : IQuery<HttpAuthorization>;

/// <summary>Headers of a request. They hold secrets: never log, store or answer them.</summary>
/// <param name="Headers">Names and values.</param>
public sealed record HttpAuthorization(IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The type's name alone, so that no log line ever holds a secret.</summary>
    /// <returns>A text without a value.</returns>
    public override string ToString() => nameof(HttpAuthorization);
}
