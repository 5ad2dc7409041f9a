using System.Text.Json;
using Platform.Connectors.Domain;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Connectors;

/// <summary>A connector as its owner sees it: of the credentials, when each was set.</summary>
internal sealed record ConnectorResponse(
    Guid Id,
    string Name,
    string Type,
    JsonElement Config,
    JsonElement CredentialsSet,
    string Status,
    string? StatusCode,
    string? StatusReason,
    DateTimeOffset? LastSync,
    string? Schedule,
    string? TimeZone,
    DateTimeOffset? NextSyncAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : VersionedResponse
{
    public static ConnectorResponse From(Connector connector, RowVersion? version) =>
        new(
            connector.Id, connector.Name, connector.Type, connector.Config, connector.CredentialsSet,
            connector.Status, connector.StatusCode, connector.StatusReason, connector.LastSync, connector.Schedule, connector.TimeZone,
            connector.NextSyncAt, connector.CreatedAt, connector.UpdatedAt)
        { Version = version };
}
