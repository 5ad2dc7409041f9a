using System.Text.Json;
using FluentValidation;
using Json.Schema;
using MediatR;
using Microsoft.Extensions.AI;
using Platform.Chat.Contracts.Queries;
using Platform.Chat.Providers;
using Platform.SharedKernel.Errors;
using AiOptions = Microsoft.Extensions.AI.ChatOptions;

namespace Platform.Chat.Integration;

internal sealed class AskModelValidator : AbstractValidator<AskModelQuery>
{
    private const int MaxPromptLength = 200_000;
    private const int MaxSchemaLength = 64 * 1024;

    public AskModelValidator()
    {
        RuleFor(query => query.Prompt).NotEmpty().MaximumLength(MaxPromptLength);
        RuleFor(query => query.System).MaximumLength(MaxPromptLength);
        RuleFor(query => query.Model).MaximumLength(200);
        RuleFor(query => query.Schema).Must(schema => schema is null or { ValueKind: JsonValueKind.Object })
            .WithMessage("'Schema' must be an object.")
            .Must(schema => schema is null || schema.Value.GetRawText().Length <= MaxSchemaLength).WithMessage("'Schema' is too large.");
    }
}

internal sealed class AskModelHandler(ChatModels models) : IRequestHandler<AskModelQuery, ModelAnswer>
{
    public async Task<ModelAnswer> Handle(AskModelQuery request, CancellationToken cancellationToken)
    {
        var model = request.Model is null ? models.Default : models.Find(request.Model)
            ?? throw new RuleViolationException("model_unknown", "There is no such model.");
        var schema = request.Schema is { } given ? Read(given) : null;
        List<ChatMessage> messages =
            [.. request.System is { } system ? [new ChatMessage(ChatRole.System, system)] : Array.Empty<ChatMessage>(), new ChatMessage(ChatRole.User, request.Prompt)];
        var options = new AiOptions
        {
            ModelId = model.Id,
            ResponseFormat = request.Schema is { } shape ? ChatResponseFormat.ForJsonSchema(shape) : ChatResponseFormat.Text,
        };
        var response = await model.Client.GetResponseAsync(messages, options, cancellationToken);
        return new ModelAnswer(
            model.Id, response.Text, schema is null ? null : ValueOf(response.Text, schema), response.Usage?.InputTokenCount,
            response.Usage?.OutputTokenCount);
    }

    private static JsonSchema Read(JsonElement schema)
    {
        try
        {
            return JsonSchema.FromText(schema.GetRawText());
        }
        catch (Exception exception) when (exception is JsonException or JsonSchemaException or ArgumentException)
        {
            throw new RuleViolationException("schema_invalid", "The schema is no JSON Schema.");
        }
    }

    // A model may say something else than it was told: that is a conflict, which another try may end.
    private static JsonElement ValueOf(string text, JsonSchema schema)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var value = document.RootElement.Clone();
            ConflictException.ThrowIf(!schema.Evaluate(value).IsValid, "answer_not_of_schema", "The model's answer does not fit the schema.");
            return value;
        }
        catch (Exception exception) when (exception is JsonException or JsonSchemaException or RefResolutionException)
        {
            throw new ConflictException("answer_not_of_schema", "The model's answer does not fit the schema.");
        }
    }
}
