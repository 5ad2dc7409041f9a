using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Features.Audit;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Admin;

internal sealed class ReadAuditEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", HandleAsync).WithName("ReadAudit").WithSummary("List what was done to accounts, or to one, newest first");

    private static async Task<Ok<Page<AuditEntryResponse>>> HandleAsync(
        [FromQuery(Name = "user_id")] Guid? userId, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ReadAuditQuery(userId, limit, cursor), cancellationToken));
}

internal sealed record ReadAuditQuery(Guid? UserId, int? Limit, string? Cursor) : IQuery<Page<AuditEntryResponse>>;

internal sealed class ReadAuditValidator : AbstractValidator<ReadAuditQuery>
{
    public ReadAuditValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ReadAuditHandler(IdentityDbContext db, Cursors cursors) : IRequestHandler<ReadAuditQuery, Page<AuditEntryResponse>>
{
    private const string List = "staff_audit";

    public async Task<Page<AuditEntryResponse>> Handle(ReadAuditQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor);
        var rows = await db.AuditLog
            .FromSql($"select * from identity.staff_read_audit({request.UserId}, {before}, {page.Take + 1})")
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, [.. rows.Select(AuditEntryResponse.From)], page, entry => entry.Id);
    }
}
