using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class ImportWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/import", HandleAsync).WithName("ImportWorkflow")
            .WithSummary("Make a draft of an exported workflow; its triggers come paused");

    private static async Task<Created<WorkflowResponse>> HandleAsync(
        WorkflowDocument document, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new ImportWorkflowCommand(document), cancellationToken);
        return TypedResults.Created($"/api/v1/workflows/{response.Id}", response);
    }
}

internal sealed record ImportWorkflowCommand(WorkflowDocument Document) : ICommand<WorkflowResponse>;

internal sealed class ImportWorkflowValidator : AbstractValidator<ImportWorkflowCommand>
{
    private const int MostTriggers = 50;

    public ImportWorkflowValidator()
    {
        RuleFor(command => command.Document.Name).NotEmpty().MaximumLength(Workflow.MaxNameLength);
        RuleFor(command => command.Document.Description).MaximumLength(Workflow.MaxDescriptionLength);
        RuleFor(command => (JsonElement?)command.Document.Steps).Steps();
        RuleFor(command => (JsonElement?)command.Document.Config).Config();
        RuleFor(command => command.Document.Triggers).Must(triggers => triggers is null or { Count: <= MostTriggers })
            .WithMessage($"A workflow has at most {MostTriggers} triggers.");
    }
}

internal sealed class ImportWorkflowHandler(WorkflowsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<ImportWorkflowCommand, WorkflowResponse>
{
    public Task<WorkflowResponse> Handle(ImportWorkflowCommand request, CancellationToken cancellationToken)
    {
        var (document, now) = (request.Document, clock.GetUtcNow());
        RuleViolationException.ThrowIf(
            document.Format != WorkflowDocument.CurrentFormat, "import_invalid", "$.format", $"The format is {WorkflowDocument.CurrentFormat}.");
        var workflow = Workflow.Create(caller.UserId, document.Name, document.Description, document.Steps, document.Config, now);
        db.Workflows.Add(workflow);
        foreach (var written in document.Triggers ?? [])
        {
            db.Triggers.Add(Read(workflow, written, now));
        }

        return Task.FromResult(WorkflowResponse.From(workflow, db.VersionOf(workflow)));
    }

    // Nothing starts by itself because a file was read: whoever imports resumes what they want.
    private static Trigger Read(Workflow workflow, TriggerDocument written, DateTimeOffset now)
    {
        var trigger = written switch
        {
            { Config.ValueKind: not JsonValueKind.Object } => null,
            { Type: Trigger.Cron } => Trigger.OfCron(workflow, written.Config, now) is { NextFireAt: not null } cron ? cron : null,
            { Type: Trigger.Event } when EventSources.IsKnown(written.Event) => Trigger.OfEvent(workflow, written.Event!, written.Config, now),
            _ => null,
        };
        if (trigger is null || (written.Config.TryGetProperty("input", out var input) && input.ValueKind != JsonValueKind.Object))
        {
            throw new RuleViolationException(
                "import_invalid", "A trigger cannot be read.", new Dictionary<string, string[]> { ["$.triggers"] = ["A trigger cannot be read."] });
        }

        trigger.Pause(now);
        return trigger;
    }
}
