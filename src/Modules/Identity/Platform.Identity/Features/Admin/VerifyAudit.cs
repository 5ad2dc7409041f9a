using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Admin;

internal sealed class VerifyAuditEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit/verify", HandleAsync).WithName("VerifyAudit")
            .WithSummary("Check the chains of hashes: faults are entries that were changed or are missing, at most 100");

    private static async Task<Ok<VerifyAuditResponse>> HandleAsync(
        [FromQuery(Name = "user_id")] Guid? userId, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new VerifyAuditQuery(userId), cancellationToken));
}

internal sealed record VerifyAuditQuery(Guid? UserId) : IQuery<VerifyAuditResponse>;

internal sealed record VerifyAuditResponse(bool Valid, IReadOnlyList<AuditFault> Faults);

/// <summary>A fault of a chain: <c>changed</c>, <c>unlinked</c>, <c>missing_before</c> or <c>missing_at_end</c>.</summary>
internal sealed record AuditFault(Guid UserId, long Sequence, Guid? EntryId, string Fault);

internal sealed class VerifyAuditHandler(IdentityDbContext db) : IRequestHandler<VerifyAuditQuery, VerifyAuditResponse>
{
    public async Task<VerifyAuditResponse> Handle(VerifyAuditQuery request, CancellationToken cancellationToken)
    {
        var faults = await db.Database.SqlQuery<AuditFault>($"select * from identity.staff_find_audit_faults({request.UserId})")
            .ToListAsync(cancellationToken);
        return new VerifyAuditResponse(faults.Count == 0, faults);
    }
}
