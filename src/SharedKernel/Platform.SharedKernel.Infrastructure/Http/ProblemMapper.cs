using System.Text.Json;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>The one place where a failure becomes a problem.</summary>
internal static class ProblemMapper
{
    private const string WrongType = "The value has the wrong type.";
    private static readonly Problem Unexpected = new(500, "unexpected_failure", "Something went wrong on our side.");
    private static readonly Problem Unavailable = new(503, "database_unavailable", "The database cannot be reached. Try again.");

    public static Problem From(Exception exception) => exception switch
    {
        NotFoundException refused => new Problem(404, refused.Code, refused.Message),
        ConflictException refused => new Problem(409, refused.Code, refused.Message),
        PreconditionFailedException refused => new Problem(412, refused.Code, refused.Message),
        ForbiddenException refused => new Problem(403, refused.Code, refused.Message),
        UnauthenticatedException refused => new Problem(401, refused.Code, refused.Message),
        RuleViolationException refused => new Problem(422, refused.Code, refused.Message)
        {
            Errors = refused.Errors.Count > 0 ? refused.Errors : null,
        },
        ValidationException invalid => Invalid(invalid.Errors
            .GroupBy(failure => JsonPaths.FromProperty(failure.PropertyName))
            .ToDictionary(group => group.Key, group => group.Select(failure => failure.ErrorMessage).Distinct().ToArray())),
        CursorException cursor => new Problem(400, "cursor_invalid", cursor.Message),
        BadHttpRequestException bad => FromBadRequest(bad),
        EgressDeniedException denied => new Problem(422, "address_not_allowed", denied.Message),
        DbUpdateConcurrencyException => new Problem(409, "concurrent_update", "Somebody else changed it at the same time. Read it again."),
        DbUpdateException { InnerException: NpgsqlException inner } => From(inner),
        // What Entity Framework holds to be transient.
        InvalidOperationException { InnerException: { } inner and (NpgsqlException or DbUpdateException or TimeoutException) } => From(inner),
        PostgresException postgres => FromPostgres(postgres),
        NpgsqlException { IsTransient: true } => Unavailable,
        TimeoutException => new Problem(504, "timeout", "It took too long."),
        _ => Unexpected,
    };

    public static Problem WrongTypes(IEnumerable<string> paths)
    {
        string[] messages = [WrongType];
        return Invalid(paths.ToDictionary(path => path, _ => messages));
    }

    private static Problem Invalid(Dictionary<string, string[]> errors) =>
        new(422, "validation_failed", "The request breaks rules; see errors.") { Errors = errors };

    private static Problem FromBadRequest(BadHttpRequestException bad)
    {
        if (bad.InnerException is JsonException json)
        {
            return FromJson(json);
        }

        return bad.StatusCode switch
        {
            413 => new Problem(413, "body_too_large", "The body is larger than this route accepts."),
            415 => new Problem(415, "unsupported_media_type", "This route does not read that media type."),
            _ when JsonPaths.FromBindingMessage(bad.Message) is { } path => WrongTypes([path]),
            _ => new Problem(400, "request_malformed", "The request cannot be read, or its body is missing."),
        };
    }

    // The reader's own exception is a syntax error; the serializer's says that well-formed JSON does not fit the shape.
    private static Problem FromJson(JsonException json)
    {
        var cause = json;
        var path = JsonPaths.Normalize(json.Path);
        while (cause.InnerException is JsonException inner)
        {
            cause = inner;
            path += JsonPaths.Normalize(inner.Path)[1..];
        }

        if (cause.GetType() != typeof(JsonException))
        {
            return new Problem(400, "json_malformed", "The body is not well-formed JSON.");
        }

        var message = cause.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)
            ? "There is no such member."
            : cause.Message.Contains("was missing required properties", StringComparison.Ordinal)
                ? $"Required members are missing: {JsonPaths.MissingMembers(cause.Message)}."
                : WrongType;
        return Invalid(new() { [path] = [message] });
    }

    private static Problem FromPostgres(PostgresException postgres) => postgres.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation when postgres.ConstraintName is { } name => new Problem(409, name, "It exists already."),
        PostgresErrorCodes.ForeignKeyViolation => new Problem(422, "reference_not_found", "It refers to something that does not exist."),
        PostgresErrorCodes.CheckViolation => new Problem(422, "constraint_violated", "A value breaks a rule of the data model."),
        PostgresErrorCodes.InsufficientPrivilege => new Problem(403, "not_allowed", "You may not do this."),
        PostgresErrorCodes.ReadOnlySqlTransaction => new Problem(403, "read_only", "This session may only read."),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected =>
            new Problem(409, "concurrent_update", "Somebody else changed it at the same time. Try again."),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => Unavailable,
        PostgresErrorCodes.UntranslatableCharacter => new Problem(422, "text_not_storable", "A text holds a character that cannot be stored."),
        PostgresErrorCodes.CharacterNotInRepertoire => new Problem(422, "text_not_storable", "A text holds a character that cannot be stored."),
        _ => Unexpected,
    };
}
