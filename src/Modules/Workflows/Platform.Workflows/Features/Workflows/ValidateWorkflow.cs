using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Definitions;

namespace Platform.Workflows.Features.Workflows;

internal sealed class ValidateWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/validate", HandleAsync).WithName("ValidateWorkflow").WithSummary("Find every fault of a definition, without storing it");

    private static async Task<Ok<ValidateWorkflowResponse>> HandleAsync(
        ValidateWorkflowQuery query, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(query, cancellationToken));
}

internal sealed record ValidateWorkflowQuery(JsonElement Steps, JsonElement? Config = null) : IQuery<ValidateWorkflowResponse>;

internal sealed record ValidateWorkflowResponse(bool Valid, IReadOnlyList<DefinitionFault> Faults);

internal sealed class ValidateWorkflowValidator : AbstractValidator<ValidateWorkflowQuery>
{
    public ValidateWorkflowValidator() => RuleFor(query => query.Config).Config();
}

internal sealed class ValidateWorkflowHandler(DefinitionValidator validator) : IRequestHandler<ValidateWorkflowQuery, ValidateWorkflowResponse>
{
    public Task<ValidateWorkflowResponse> Handle(ValidateWorkflowQuery request, CancellationToken cancellationToken)
    {
        var faults = validator.Validate(request.Steps, request.Config);
        return Task.FromResult(new ValidateWorkflowResponse(faults.Count == 0, faults));
    }
}
