using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Definitions;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Retention;

/// <summary>How long workflows keep their executions, some workflows at a time.</summary>
/// <param name="After">The last workflow of the time before; the empty id to begin.</param>
/// <param name="Most">How many.</param>
internal sealed record ListRetentionsQuery(Guid After, int Most) : IQuery<IReadOnlyList<WorkflowRetention>>;

/// <param name="WorkflowId">The workflow.</param>
/// <param name="Days">How many days its published version keeps an execution that has ended.</param>
internal sealed record WorkflowRetention(Guid WorkflowId, int Days);

internal sealed class ListRetentionsValidator : AbstractValidator<ListRetentionsQuery>
{
    public ListRetentionsValidator() => RuleFor(query => query.Most).InclusiveBetween(1, 1000);
}

internal sealed class ListRetentionsHandler(WorkflowsDbContext db) : IRequestHandler<ListRetentionsQuery, IReadOnlyList<WorkflowRetention>>
{
    public async Task<IReadOnlyList<WorkflowRetention>> Handle(ListRetentionsQuery request, CancellationToken cancellationToken)
    {
        var published = await (
            from workflow in db.Workflows.AsNoTracking()
            join version in db.WorkflowVersions on workflow.Id equals version.WorkflowId
            where workflow.Id > request.After && version.Version == workflow.PublishedVersion
            orderby workflow.Id
            select new { workflow.Id, version.Config }).Take(request.Most).ToListAsync(cancellationToken);
        return published.ConvertAll(found => new WorkflowRetention(found.Id, WorkflowSettings.Read(found.Config).RetentionDays));
    }
}
