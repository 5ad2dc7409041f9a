using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Contracts.Commands;
using Platform.Identity.Contracts.Queries;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Integration;

internal sealed class GiveGrantValidator : AbstractValidator<GiveGrantCommand>
{
    public GiveGrantValidator()
    {
        RuleFor(command => command.Email).NotEmpty().EmailAddress().MaximumLength(320);
        RuleFor(command => command.Role).Must(role => role is Grant.View or Grant.Edit).WithMessage($"Must be one of {Grant.View}, {Grant.Edit}.");
    }
}

internal sealed class GiveGrantHandler(IdentityDbContext db, ICurrentCaller caller) : IRequestHandler<GiveGrantCommand, GrantResponse>
{
    public async Task<GrantResponse> Handle(GiveGrantCommand request, CancellationToken cancellationToken)
    {
        var own = await db.Users.AsNoTracking()
            .Where(user => user.Id == caller.UserId)
            .Select(user => user.Email)
            .SingleOrDefaultAsync(cancellationToken);
        RuleViolationException.ThrowIf(
            string.Equals(own, request.Email, StringComparison.OrdinalIgnoreCase), "grant_to_oneself", "What is yours needs no grant.");
        var given = await db.Database
            .SqlQuery<GrantResponse>($"select * from identity.give_grant({request.ObjectType}, {request.ObjectId}, {request.Email}, {request.Role})")
            .ToListAsync(cancellationToken);
        return given.SingleOrDefault() ?? throw new RuleViolationException("grantee_not_found", "Nobody has this address.");
    }
}

internal sealed class EndGrantHandler(IdentityDbContext db) : AsyncRequestHandler<EndGrantCommand>
{
    protected override async Task Handle(EndGrantCommand request, CancellationToken cancellationToken)
    {
        var grant = await db.Grants.SingleOrDefaultAsync(
            grant => grant.Id == request.GrantId && grant.ObjectType == request.ObjectType && grant.ObjectId == request.ObjectId, cancellationToken)
            ?? throw new NotFoundException("grant_not_found", "There is no such grant.");
        db.Grants.Remove(grant);
    }
}

internal sealed class ListGrantsValidator : AbstractValidator<ListGrantsQuery>
{
    public ListGrantsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListGrantsHandler(IdentityDbContext db, Cursors cursors) : IRequestHandler<ListGrantsQuery, Page<GrantResponse>>
{
    private const string List = "grants";

    public async Task<Page<GrantResponse>> Handle(ListGrantsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor);
        var grants = await db.Database
            .SqlQuery<GrantResponse>($"select * from identity.list_grants({request.ObjectType}, {request.ObjectId}, {before}, {page.Take + 1})")
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, grants, page, grant => grant.Id);
    }
}

internal sealed class ListHeldGrantsHandler(IdentityDbContext db, ICurrentCaller caller)
    : IRequestHandler<ListHeldGrantsQuery, IReadOnlyList<HeldGrant>>
{
    public async Task<IReadOnlyList<HeldGrant>> Handle(ListHeldGrantsQuery request, CancellationToken cancellationToken) =>
        await db.Grants.AsNoTracking()
            .Where(grant => grant.UserId == caller.UserId && grant.ObjectType == request.ObjectType)
            .Where(grant => request.ObjectId == null || grant.ObjectId == request.ObjectId)
            .Select(grant => new HeldGrant(grant.ObjectId, grant.OwnerId, grant.Role))
            .ToListAsync(cancellationToken);
}
