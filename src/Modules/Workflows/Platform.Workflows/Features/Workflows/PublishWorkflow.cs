using System.Text.Json;
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

internal sealed class PublishWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/publish", HandleAsync).WithName("PublishWorkflow").WithSummary("Freeze the draft as a version that runs");

    private static async Task<Ok<WorkflowVersionResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new PublishWorkflowCommand(id), cancellationToken));
}

internal sealed record WorkflowVersionResponse(Guid Id, Guid WorkflowId, int Version, JsonElement Steps, JsonElement Config, DateTimeOffset CreatedAt);

internal sealed record PublishWorkflowCommand(Guid Id) : ICommand<WorkflowVersionResponse>;

internal sealed class PublishWorkflowHandler(WorkflowsDbContext db, DefinitionValidator validator, TimeProvider clock)
    : IRequestHandler<PublishWorkflowCommand, WorkflowVersionResponse>
{
    public async Task<WorkflowVersionResponse> Handle(PublishWorkflowCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.SingleOrDefaultAsync(workflow => workflow.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        RuleViolationException.ThrowIf(workflow.Steps.GetArrayLength() == 0, "workflow_empty", "$.steps", "A workflow has at least one step.");
        validator.RequireValid(workflow.Steps, workflow.Config);
        var version = workflow.Publish(clock.GetUtcNow());
        return new WorkflowVersionResponse(version.Id, workflow.Id, version.Version, version.Steps, version.Config, version.CreatedAt);
    }
}
