using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Definitions;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class DiffWorkflowVersionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/versions/{version}/diff", HandleAsync).WithName("DiffWorkflowVersions")
            .WithSummary("Say what changed from one version to another, or to the draft");

    private static async Task<Ok<WorkflowDiff>> HandleAsync(
        Guid id, int version, int? to, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new DiffWorkflowVersionsQuery(id, version, to), cancellationToken));
}

/// <param name="From">The version that is compared.</param>
/// <param name="To">The version that it is compared with; null for the draft.</param>
/// <param name="Changes">What changed, by its place: <c>steps.&lt;key&gt;.&lt;member&gt;</c> or <c>config.&lt;member&gt;</c>.</param>
internal sealed record WorkflowDiff(int From, int? To, IReadOnlyList<DefinitionChange> Changes);

internal sealed record DiffWorkflowVersionsQuery(Guid WorkflowId, int From, int? To) : IQuery<WorkflowDiff>;

internal sealed class DiffWorkflowVersionsValidator : AbstractValidator<DiffWorkflowVersionsQuery>
{
    public DiffWorkflowVersionsValidator()
    {
        RuleFor(query => query.From).GreaterThanOrEqualTo(1);
        RuleFor(query => query.To).GreaterThanOrEqualTo(1);
    }
}

internal sealed class DiffWorkflowVersionsHandler(WorkflowsDbContext db) : IRequestHandler<DiffWorkflowVersionsQuery, WorkflowDiff>
{
    public async Task<WorkflowDiff> Handle(DiffWorkflowVersionsQuery request, CancellationToken cancellationToken)
    {
        var draft = await db.Workflows.AsNoTracking().Where(workflow => workflow.Id == request.WorkflowId)
            .Select(workflow => new VersionDocument(workflow.Steps, workflow.Config)).SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var from = await FindAsync(request.WorkflowId, request.From, cancellationToken);
        var to = request.To is { } version ? await FindAsync(request.WorkflowId, version, cancellationToken) : draft;
        return new WorkflowDiff(request.From, request.To, DefinitionDiff.Of(from, to));
    }

    private async Task<VersionDocument> FindAsync(Guid workflowId, int version, CancellationToken cancellationToken) =>
        await db.WorkflowVersions.AsNoTracking()
            .Where(other => other.WorkflowId == workflowId && other.Version == version)
            .Select(other => new VersionDocument(other.Steps, other.Config))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("workflow_version_not_found", "The workflow has no such version.");
}
