using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class CreateWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("CreateWorkflow").WithSummary("Create a draft; publish it to run it");

    private static async Task<Created<WorkflowResponse>> HandleAsync(
        CreateWorkflowCommand command, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(command, cancellationToken);
        return TypedResults.Created($"/api/v1/workflows/{response.Id}", response);
    }
}

internal sealed record CreateWorkflowCommand(
    string Name, string? Description = null, JsonElement? Steps = null, JsonElement? Config = null) : ICommand<WorkflowResponse>;

internal sealed class CreateWorkflowValidator : AbstractValidator<CreateWorkflowCommand>
{
    public CreateWorkflowValidator()
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Workflow.MaxNameLength);
        RuleFor(command => command.Description).MaximumLength(Workflow.MaxDescriptionLength);
        RuleFor(command => command.Steps).Steps();
        RuleFor(command => command.Config).Config();
    }
}

internal sealed class CreateWorkflowHandler(WorkflowsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateWorkflowCommand, WorkflowResponse>
{
    private static readonly JsonElement NoSteps = JsonSerializer.SerializeToElement(Array.Empty<object>());
    private static readonly JsonElement NoConfig = JsonSerializer.SerializeToElement(new { });

    public Task<WorkflowResponse> Handle(CreateWorkflowCommand request, CancellationToken cancellationToken)
    {
        var workflow = Workflow.Create(
            caller.UserId, request.Name, request.Description, request.Steps ?? NoSteps, request.Config ?? NoConfig, clock.GetUtcNow());
        db.Workflows.Add(workflow);
        return Task.FromResult(WorkflowResponse.From(workflow, db.VersionOf(workflow)));
    }
}
