namespace Platform.SharedKernel.Errors;

/// <summary>An expected failure: the pipeline rolls back and the client gets a problem with <see cref="Code"/>.</summary>
/// <param name="code">A stable snake_case code that stands in <c>docs/errors.md</c>.</param>
/// <param name="message">A sentence for people: no SQL, host or secret.</param>
public abstract class PlatformException(string code, string message) : Exception(message)
{
    /// <summary>The stable code of the problem.</summary>
    public string Code { get; } = code;
}

/// <summary>404: there is no such thing, or the caller may not see it.</summary>
/// <param name="code">The problem's code.</param>
/// <param name="message">A sentence for people.</param>
public sealed class NotFoundException(string code, string message) : PlatformException(code, message);

/// <summary>409: the state of the thing does not allow it.</summary>
/// <param name="code">The problem's code.</param>
/// <param name="message">A sentence for people.</param>
public sealed class ConflictException(string code, string message) : PlatformException(code, message)
{
    /// <summary>Throws when the state forbids it.</summary>
    /// <param name="forbidden">Whether the state forbids it.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="message">A sentence for people.</param>
    public static void ThrowIf(bool forbidden, string code, string message)
    {
        if (forbidden)
        {
            throw new ConflictException(code, message);
        }
    }
}

/// <summary>412: the caller's version of the thing is stale.</summary>
/// <param name="code">The problem's code.</param>
/// <param name="message">A sentence for people.</param>
public sealed class PreconditionFailedException(string code, string message) : PlatformException(code, message);

/// <summary>401: the caller did not prove who they are.</summary>
/// <param name="code">The problem's code.</param>
/// <param name="message">A sentence for people.</param>
public sealed class UnauthenticatedException(string code, string message) : PlatformException(code, message);

/// <summary>403: the caller may know that the thing exists, but may not do this.</summary>
/// <param name="code">The problem's code.</param>
/// <param name="message">A sentence for people.</param>
public sealed class ForbiddenException(string code, string message) : PlatformException(code, message);

/// <summary>422: the request is well formed, but breaks a rule.</summary>
/// <param name="code">The problem's code.</param>
/// <param name="message">A sentence for people.</param>
/// <param name="errors">JSON path to messages, where the fault has a place in the body.</param>
public sealed class RuleViolationException(string code, string message, IReadOnlyDictionary<string, string[]>? errors = null)
    : PlatformException(code, message)
{
    /// <summary>JSON path to messages; empty where the fault has no place in the body.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors ?? new Dictionary<string, string[]>();

    /// <summary>Throws when a rule is broken.</summary>
    /// <param name="broken">Whether the rule is broken.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="message">A sentence for people.</param>
    public static void ThrowIf(bool broken, string code, string message)
    {
        if (broken)
        {
            throw new RuleViolationException(code, message);
        }
    }

    /// <summary>Throws when a rule is broken at a place in the body.</summary>
    /// <param name="broken">Whether the rule is broken.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="path">The JSON path of the fault, for example <c>$.widgets[0].width</c>.</param>
    /// <param name="message">A sentence for people.</param>
    public static void ThrowIf(bool broken, string code, string path, string message)
    {
        if (broken)
        {
            throw new RuleViolationException(code, message, new Dictionary<string, string[]> { [path] = [message] });
        }
    }
}
