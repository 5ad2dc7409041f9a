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
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class RestoreWorkflowVersionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/versions/{version}/restore", HandleAsync).WithName("RestoreWorkflowVersion")
            .WithSummary("Make the draft what a version was; publish it to run it");

    private static async Task<Ok<WorkflowResponse>> HandleAsync(
        Guid id, int version, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new RestoreWorkflowVersionCommand(id, version), cancellationToken));
}

internal sealed record RestoreWorkflowVersionCommand(Guid WorkflowId, int Version) : ICommand<WorkflowResponse>;

internal sealed class RestoreWorkflowVersionValidator : AbstractValidator<RestoreWorkflowVersionCommand>
{
    public RestoreWorkflowVersionValidator() => RuleFor(command => command.Version).GreaterThanOrEqualTo(1);
}

internal sealed class RestoreWorkflowVersionHandler(WorkflowsDbContext db, TimeProvider clock)
    : IRequestHandler<RestoreWorkflowVersionCommand, WorkflowResponse>
{
    public async Task<WorkflowResponse> Handle(RestoreWorkflowVersionCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.SingleOrDefaultAsync(workflow => workflow.Id == request.WorkflowId, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var version = await db.WorkflowVersions.AsNoTracking()
            .SingleOrDefaultAsync(version => version.WorkflowId == workflow.Id && version.Version == request.Version, cancellationToken)
            ?? throw new NotFoundException("workflow_version_not_found", "The workflow has no such version.");
        workflow.ReplaceSteps(version.Steps, clock.GetUtcNow());
        workflow.Configure(version.Config, clock.GetUtcNow());
        return WorkflowResponse.From(workflow, db.VersionOf(workflow));
    }
}
