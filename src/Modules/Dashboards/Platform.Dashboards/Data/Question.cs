using System.Security.Cryptography;
using System.Text.Json;

namespace Platform.Dashboards.Data;

/// <summary>What a widget asks a connector, with all that the answer depends on.</summary>
/// <param name="OwnerId">Under whose identity it runs: the owner of board and connector. Nobody else's question is ever equal.</param>
/// <param name="ConnectorId">The connector.</param>
/// <param name="DataVersion">The version of the connector and its datasets.</param>
/// <param name="Query">The query.</param>
/// <param name="Parameters">What is bound.</param>
/// <param name="Source">live or dataset.</param>
/// <param name="Fresh">How long an answer is fresh.</param>
internal sealed record Question(
    Guid OwnerId, Guid ConnectorId, string DataVersion, string Query, JsonElement? Parameters, string Source, TimeSpan Fresh)
{
    private string? _key;

    /// <summary>Equal for equal questions, and says nothing of what is asked.</summary>
    public string Key => _key ??= $"platform:dashboards:results:{Hash()}";

    private string Hash()
    {
        var parts = new[] { OwnerId.ToString(), ConnectorId.ToString(), DataVersion, Query, Parameters?.GetRawText(), Source };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(parts)));
    }
}
