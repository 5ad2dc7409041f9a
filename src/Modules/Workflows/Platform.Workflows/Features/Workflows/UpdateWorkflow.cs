using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class UpdateWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateWorkflow").WithSummary("Change a draft with a JSON merge patch");

    private static async Task<Ok<WorkflowResponse>> HandleAsync(
        Guid id, UpdateWorkflowBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateWorkflowCommand(id, body), cancellationToken));
}

internal sealed record UpdateWorkflowBody
{
    public Optional<string> Name { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<JsonElement?> Steps { get; init; }

    public Optional<JsonElement?> Config { get; init; }
}

internal sealed record UpdateWorkflowCommand(Guid Id, UpdateWorkflowBody Body) : ICommand<WorkflowResponse>;

internal sealed class UpdateWorkflowValidator : AbstractValidator<UpdateWorkflowCommand>
{
    public UpdateWorkflowValidator()
    {
        RuleFor(command => command.Body.Name.Value).NotEmpty().MaximumLength(Workflow.MaxNameLength).When(command => command.Body.Name.IsSet);
        RuleFor(command => command.Body.Description.Value).MaximumLength(Workflow.MaxDescriptionLength)
            .When(command => command.Body.Description.IsSet);
        RuleFor(command => command.Body.Steps.Value).Steps().When(command => command.Body.Steps.IsSet);
        RuleFor(command => command.Body.Config.Value).Config().When(command => command.Body.Config.IsSet);
    }
}

internal sealed class UpdateWorkflowHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<UpdateWorkflowCommand, WorkflowResponse>
{
    private static readonly JsonElement NoSteps = JsonSerializer.SerializeToElement(Array.Empty<object>());
    private static readonly JsonElement NoConfig = JsonSerializer.SerializeToElement(new { });

    public async Task<WorkflowResponse> Handle(UpdateWorkflowCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.SingleOrDefaultAsync(workflow => workflow.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var (body, now) = (request.Body, clock.GetUtcNow());
        if (body.Name.IsSet)
        {
            workflow.Rename(body.Name.Value, now);
        }

        if (body.Description.IsSet)
        {
            workflow.Describe(body.Description.Value, now);
        }

        if (body.Steps.IsSet)
        {
            workflow.ReplaceSteps(body.Steps.Value ?? NoSteps, now);
        }

        if (body.Config.IsSet)
        {
            workflow.Configure(body.Config.Value is { } config ? MergePatch.Apply(workflow.Config, config) : NoConfig, now);
        }

        return WorkflowResponse.From(workflow, db.VersionOf(workflow));
    }
}
