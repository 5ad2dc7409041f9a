using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Connectors.Features.Connectors;

/// <summary>
/// Seals credentials under the owner's data key and opens them. Each field is bound to its connector and name, so that a sealed value
/// that is moved elsewhere does not open.
/// </summary>
internal sealed class Credentials(ConnectorsDbContext db, IMediator mediator, EnvelopeCipher cipher, TimeProvider clock)
{
    /// <summary>Changes the fields that are given; null removes one.</summary>
    public async Task WriteAsync(Connector connector, JsonElement given, bool isNew, CancellationToken cancellationToken)
    {
        var fields = given.EnumerateObject().ToList();
        if (fields.Count == 0)
        {
            if (isNew)
            {
                db.WriteSecrets(connector, null);
            }

            return;
        }

        var key = await GetKeyAsync(cancellationToken);
        var stored = isNew ? [] : await ReadSealedAsync(connector.Id, cancellationToken);
        var set = connector.CredentialsSet.Deserialize<Dictionary<string, DateTimeOffset>>()!;
        foreach (var field in fields)
        {
            if (field.Value.ValueKind == JsonValueKind.Null)
            {
                stored.Remove(field.Name);
                set.Remove(field.Name);
            }
            else
            {
                stored[field.Name] = cipher.Encrypt(key, PlaceOf(connector.Id, field.Name), field.Value.GetString()!);
                set[field.Name] = clock.GetUtcNow();
            }
        }

        connector.RecordCredentials(JsonSerializer.SerializeToElement(set), clock.GetUtcNow());
        db.WriteSecrets(connector, stored.Count == 0 ? null : JsonSerializer.SerializeToElement(stored));
    }

    public async Task<IReadOnlyDictionary<string, string>> OpenAsync(Guid connectorId, CancellationToken cancellationToken) =>
        await OpenAsync(connectorId, await ReadSealedAsync(connectorId, cancellationToken), cancellationToken);

    /// <summary>Opens sealed fields that stand elsewhere than in the connector's row.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OpenAsync(
        Guid connectorId, IReadOnlyDictionary<string, string> sealedFields, CancellationToken cancellationToken)
    {
        if (sealedFields.Count == 0)
        {
            return sealedFields;
        }

        var key = await GetKeyAsync(cancellationToken);
        return sealedFields.ToDictionary(
            field => field.Key, field => cipher.Decrypt(key, PlaceOf(connectorId, field.Key), field.Value), StringComparer.Ordinal);
    }

    /// <summary>Seals fields that stand elsewhere than in the connector's row, as its credentials are.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SealAsync(
        Guid connectorId, IReadOnlyDictionary<string, string> fields, CancellationToken cancellationToken)
    {
        var key = await GetKeyAsync(cancellationToken);
        return fields.ToDictionary(
            field => field.Key, field => cipher.Encrypt(key, PlaceOf(connectorId, field.Key), field.Value), StringComparer.Ordinal);
    }

    private static string PlaceOf(Guid connectorId, string field) => $"connector:{connectorId}:{field}";

    private async Task<Dictionary<string, string>> ReadSealedAsync(Guid connectorId, CancellationToken cancellationToken)
    {
        // The function answers for the caller's own connectors alone; the column itself is closed to the caller's role.
        var text = await db.Database
            .SqlQuery<string?>($"select connectors.sealed_credentials({connectorId})::text as \"Value\"")
            .SingleAsync(cancellationToken);
        return text is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(text)!;
    }

    private async Task<WrappedDataKey> GetKeyAsync(CancellationToken cancellationToken)
    {
        var key = await mediator.Send(new GetUserDataKeyQuery(), cancellationToken);
        return new WrappedDataKey(key.UserId, key.MasterKeyId, key.WrappedKey);
    }
}
