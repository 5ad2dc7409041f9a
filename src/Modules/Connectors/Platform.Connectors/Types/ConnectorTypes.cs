using System.Diagnostics.CodeAnalysis;

namespace Platform.Connectors.Types;

/// <summary>The kinds of sources that this server knows.</summary>
internal sealed class ConnectorTypes(IEnumerable<IConnectorType> types)
{
    /// <summary>The capability of being tested.</summary>
    public const string Test = "test";

    /// <summary>The capability of telling its tables.</summary>
    public const string Discover = "discover";

    /// <summary>The capability of being synced.</summary>
    public const string Read = "read";

    private readonly Dictionary<string, IConnectorType> _types = types.ToDictionary(type => type.Kind, StringComparer.Ordinal);

    public IEnumerable<IConnectorType> All => _types.Values.OrderBy(type => type.Title, StringComparer.Ordinal);

    public bool TryGet(string kind, [NotNullWhen(true)] out IConnectorType? type) => _types.TryGetValue(kind, out type);

    /// <summary>The type of a stored connector; a kind that this server no longer has fails the call, not the connector.</summary>
    public IConnectorType Of(string kind) =>
        TryGet(kind, out var type)
            ? type
            : throw new SourceException(SourceFailure.InvalidConfig, $"This server has no connector type {kind}.");
}
