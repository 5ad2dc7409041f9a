namespace Platform.SharedKernel.Json;

/// <summary>A member of a JSON merge patch (RFC 7396): left out, or given, and given may mean null.</summary>
/// <typeparam name="T">The member's type; nullable where null clears the value.</typeparam>
public readonly record struct Optional<T>
{
    private readonly T _value;

    /// <summary>A member that was given.</summary>
    /// <param name="value">Its value.</param>
    public Optional(T value) => (_value, IsSet) = (value, true);

    /// <summary>Whether the patch has the member.</summary>
    public bool IsSet { get; }

    /// <summary>The value. Throws when the member was left out.</summary>
    public T Value => IsSet ? _value : throw new InvalidOperationException("The member was left out.");

    /// <summary>The value, or another one if the member was left out.</summary>
    /// <param name="otherwise">What stands if the patch does not change it.</param>
    /// <returns>The value after the patch.</returns>
    public T Or(T otherwise) => IsSet ? _value : otherwise;
}
