using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Keys;

internal sealed class GetKeysEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("GetKeys")
            .WithSummary("Which master keys wrap people's data keys, whether this node has them, and how rotations stand");

    private static async Task<Ok<KeysResponse>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetKeysQuery(), cancellationToken));
}

/// <param name="CurrentId">The key that wraps new data keys.</param>
/// <param name="Keys">The keys that wrap any.</param>
/// <param name="Rotations">The newest rotations, newest first.</param>
internal sealed record KeysResponse(string CurrentId, IReadOnlyList<MasterKeyResponse> Keys, IReadOnlyList<KeyRotationResponse> Rotations);

/// <param name="Id">The key's id.</param>
/// <param name="DataKeys">How many data keys it wraps.</param>
/// <param name="State"><c>usable</c>, <c>missing</c>, or <c>wrong</c> where this node has another key under the id.</param>
internal sealed record MasterKeyResponse(string Id, long DataKeys, string State);

internal sealed record KeyRotationResponse(
    Guid Id, string MasterKeyId, string Status, long Total, long Done, long Unreadable, DateTimeOffset StartedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset? CompletedAt);

internal sealed record GetKeysQuery : IQuery<KeysResponse>;

internal sealed record MasterKeyUse(string MasterKeyId, long DataKeys, Guid UserId, byte[] WrappedKey);

internal sealed class GetKeysHandler(IdentityDbContext db, MasterKeyRing ring, EnvelopeCipher cipher)
    : IRequestHandler<GetKeysQuery, KeysResponse>
{
    private const int MostRotations = 20;

    public async Task<KeysResponse> Handle(GetKeysQuery request, CancellationToken cancellationToken)
    {
        var keys = await db.Database
            .SqlQuery<MasterKeyUse>($"select * from identity.staff_list_master_keys()").ToListAsync(cancellationToken);
        var rotations = await db.Database
            .SqlQuery<KeyRotationResponse>($"select * from identity.staff_list_key_rotations({MostRotations})")
            .ToListAsync(cancellationToken);
        return new KeysResponse(
            ring.CurrentId,
            [.. keys.Select(key => new MasterKeyResponse(
                key.MasterKeyId, key.DataKeys, cipher.StateOf(new WrappedDataKey(key.UserId, key.MasterKeyId, key.WrappedKey))))],
            rotations);
    }
}
