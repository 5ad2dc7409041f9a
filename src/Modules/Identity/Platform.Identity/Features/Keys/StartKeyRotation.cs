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

internal sealed class StartKeyRotationEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/rotations", HandleAsync).WithName("StartKeyRotation")
            .WithSummary("Wrap everybody's data keys with the newest master key, while all goes on");

    private static async Task<Accepted<KeyRotationResponse>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Accepted("/api/v1/admin/keys", await mediator.Send(new StartKeyRotationCommand(), cancellationToken));
}

internal sealed record StartKeyRotationCommand : ICommand<KeyRotationResponse>;

internal sealed class StartKeyRotationHandler(IdentityDbContext db, MasterKeyRing ring, TimeProvider clock)
    : IRequestHandler<StartKeyRotationCommand, KeyRotationResponse>
{
    public async Task<KeyRotationResponse> Handle(StartKeyRotationCommand request, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var started = await db.Database
            .SqlQuery<KeyRotationResponse>($"select * from identity.staff_start_key_rotation({id}, {ring.CurrentId})")
            .ToListAsync(cancellationToken);
        return started.Single();
    }
}
